// /.well-known/mcp.json: where the endpoints are, for registries and clients that look before they
// connect.
#include "api/documents/discovery.h"
#include "api/documents/documents.h"
#include "api/texts/facts.h"
#include "base/json.h"

namespace rogerthat::api {

namespace {

void write_transports(JsonWriter& json, const View& view) {
  json.key("transports").begin_array();

  json.begin_object();
  json.field("type", "streamable-http").field("url", view.origin + "/mcp");
  json.field("description", "One entry for all channels: create and join them with tools.");
  json.field("auth", view.site.hub_token_needed ? "bearer: the hub token" : "none");
  write_tool_names(json, "tools", McpEndpoint::all_channels);
  json.end_object();

  json.begin_object();
  json.field("type", "streamable-http").field("url_template", view.origin + "/mcp/{channel_id}");
  json.field("description", "Bound to one channel.");
  json.field("auth", "bearer: the channel's join_token");
  write_tool_names(json, "tools", McpEndpoint::one_channel);
  json.end_object();

  json.end_array();
}

void write_rest_api(JsonWriter& json, std::span<const Route> routes) {
  json.key("rest_api").begin_object();
  for (const Route& row : routes) {
    if (!is_api_call(row)) continue;
    json.key(row.name).begin_object();
    json.field("method", net::to_string(row.method)).field("path", row.path);
    json.field("auth", auth_text(row.auth));
    if (row.method == net::Method::post && !row.fields.empty()) {
      json.key("body").begin_object();
      for (const FieldDoc& field : row.fields) {
        if (!field.in_query) json.field(field.name, fill(field.description, limit_facts()));
      }
      json.end_object();
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string mcp_descriptor_json(const View& view, std::span<const Route> routes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("schema_version", "1.0").field("name", "rogerthat");
  json.field("version", view.site.version).field("description", kTagline);
  write_homepage(json, view.site);
  json.field("license", kLicense).field("protocol", kMcpProtocol);
  write_transports(json, view);
  write_rest_api(json, routes);
  json.key("safety").begin_object();
  json.field("messages_are_untrusted", true).field("note", kUntrustedNote).end_object();
  json.end_object();
  return out;
}

}  // namespace rogerthat::api
