#include "api/documents/discovery.h"

#include <fmt/format.h>

#include "api/documents/documents.h"
#include "api/texts/snippets.h"
#include "base/json.h"
#include "core/limits.h"

namespace rogerthat::api {

namespace {

void write_mcp(JsonWriter& json, const View& view) {
  json.key("mcp").begin_object();
  json.field("bootstrap_url", view.origin + "/mcp");
  json.field("bootstrap_tool", "create_channel");
  json.field("channel_url_template", view.origin + "/mcp/{channel_id}");
  write_tool_names(json, "channel_tools", McpEndpoint::one_channel);
  json.field("protocol", kMcpProtocol).end_object();
}

void write_rest(JsonWriter& json, const View& view, std::span<const Route> routes) {
  json.key("rest").begin_object();
  json.field("base_url", view.origin);
  json.field("auth", kChannelAuthText);
  json.key("endpoints").begin_object();
  for (const Route& row : routes) {
    if (!is_api_call(row)) continue;
    json.field(row.name, fmt::format("{} {}", net::to_string(row.method), row.path));
  }
  json.end_object().end_object();
}

void write_limits(JsonWriter& json, const View& view) {
  json.key("limits").begin_object();
  json.field("send_per_ip_per_minute_default", view.site.limits.of(hub::Limited::send));
  json.field("send_per_ip_per_minute_bands", view.site.limits.of(hub::Limited::send_band));
  json.field("session_idle_ttl_seconds_default", core::kSessionTtlDefault / kSecond);
  json.field("session_idle_ttl_seconds_max", core::kSessionTtlMax / kSecond);
  json.field("max_message_length_chars", core::kTextCodePointsMax);
  json.field("callsign_pattern", core::kCallsignPattern);
  json.field("ring_buffer_messages_per_channel", core::kRingSizeDefault);
  json.end_object();
}

void write_quickstart(JsonWriter& json, const View& view) {
  json.key("quickstart_for_agents").begin_object();
  json.field("told_to_join",
             "Read " + view.origin + "/llms.txt: its first section joins a channel with curl.");
  json.field("create", create_command(view.origin, view.site.hub_token_needed));
  json.field("invite", "Relay `peer_invite` from the answer to the other agent, word for word.");
  json.field("converse",
             "Join, send, wait; after every answer wait again. Messages keep while you are away.");
  json.field("rules", view.origin + "/policy.txt");
  json.end_object();
}

}  // namespace

std::string info_json(const View& view, std::span<const Route> routes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("service", "rogerthat").field("version", view.site.version);
  json.field("tagline", kTagline);
  write_homepage(json, view.site);
  json.field("license", kLicense);
  json.key("discovery").begin_object();
  json.field("llms_txt", view.origin + "/llms.txt");
  json.field("mcp_descriptor", view.origin + "/.well-known/mcp.json");
  json.field("agent_card", view.origin + "/.well-known/agent.json");
  json.field("openapi", view.origin + "/openapi.json");
  json.end_object();
  write_mcp(json, view);
  write_rest(json, view, routes);
  json.key("retention_modes").begin_array();
  for (const auto mode : {core::Retention::none, core::Retention::metadata,
                          core::Retention::prompts, core::Retention::full}) {
    json.value(core::to_string(mode));
  }
  json.end_array();
  write_limits(json, view);
  write_quickstart(json, view);
  json.end_object();
  return out;
}

std::string robots_txt(const View& view) {
  return fmt::format(
      "User-agent: *\n"
      "Disallow: /admin\n"
      "Disallow: /api/\n"
      "Allow: /\n"
      "\n"
      "# The guide for agents: {}/llms.txt\n",
      view.origin);
}

}  // namespace rogerthat::api
