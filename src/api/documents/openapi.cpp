// /openapi.json: the route table as OpenAPI 3.1.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "api/documents/discovery.h"
#include "api/documents/documents.h"
#include "api/documents/schema.h"
#include "api/http/shapes.h"
#include "api/texts/facts.h"
#include "base/error.h"
#include "base/json.h"
#include "core/limits.h"

namespace rogerthat::api {

namespace {

struct PathParameter {
  std::string_view name;
  std::string_view type;
  std::string_view description;
};
constexpr PathParameter kChannelParameter{"channel", "string",
                                          "The channel's id, or a band's name."};
constexpr PathParameter kCallsignParameter{"callsign", "string", "The callsign of an identity."};
constexpr PathParameter kHookParameter{"hook", "string", "The id of a webhook."};
constexpr PathParameter kIdParameter{"id", "integer", "The id of a message."};
std::string_view method_key(net::Method method) {
  switch (method) {
    case net::Method::post:
      return "post";
    case net::Method::put:
      return "put";
    case net::Method::patch:
      return "patch";
    case net::Method::delete_:
      return "delete";
    default:
      return "get";
  }
}

void write_ref(JsonWriter& json, std::string_view target) {
  json.begin_object().field("$ref", target).end_object();
}

void write_schema(JsonWriter& json, std::string_view type) {
  json.begin_object().field("type", type);
  if (type == "array") json.key("items").begin_object().end_object();
  json.end_object();
}

void write_path_parameter(JsonWriter& json, const PathParameter& parameter) {
  json.begin_object();
  json.field("name", parameter.name).field("in", "path").field("required", true);
  json.field("description", parameter.description);
  json.key("schema");
  write_schema(json, parameter.type);
  json.end_object();
}

void write_parameters(JsonWriter& json, const Route& row) {
  json.key("parameters").begin_array();
  if (row.path.contains("{channel}")) write_path_parameter(json, kChannelParameter);
  if (row.path.contains("{callsign}")) write_path_parameter(json, kCallsignParameter);
  if (row.path.contains("{hook}")) write_path_parameter(json, kHookParameter);
  if (row.path.contains("{id}")) write_path_parameter(json, kIdParameter);
  for (const FieldDoc& field : row.fields) {
    if (!field.in_query) continue;
    json.begin_object();
    json.field("name", field.name).field("in", "query").field("required", field.required);
    json.field("description", fill(field.description, limit_facts()));
    json.key("schema");
    write_schema(json, field.type);
    json.end_object();
  }
  json.end_array();
}

void write_request_body(JsonWriter& json, const Route& row) {
  if (row.method != net::Method::post) return;
  json.key("requestBody").begin_object();
  json.key("content").begin_object().key("application/json").begin_object();
  json.key("schema").begin_object().field("type", "object");
  json.key("properties").begin_object();
  for (const FieldDoc& field : row.fields) {
    if (field.in_query) continue;
    json.key(field.name).begin_object().field("type", field.type);
    if (field.type == "array") json.key("items").begin_object().end_object();
    json.field("description", fill(field.description, limit_facts())).end_object();
  }
  json.end_object().end_object();
  json.end_object().end_object().end_object();
}

// Of any call that takes fields: those that it does not know (api/http/body.h).
constexpr std::string_view kIgnored = ", ignored?: string[], ignored_count?: integer";

void write_content(JsonWriter& json, const Route& row) {
  json.key("content").begin_object().key(row.media).begin_object().key("schema");
  if (row.media == kJsonMedia) {
    write_object_schema(json, std::string(row.answer).append(kIgnored));
  } else {
    write_schema(json, "string");
  }
  json.end_object().end_object();
}

// What can go wrong anywhere, and what comes with who may, with what the path names and with what
// the body holds.
std::set<int> error_statuses(const Route& row) {
  const bool speaks = row.method == net::Method::post;
  const bool changes = speaks || row.method == net::Method::delete_;
  const bool proves = row.auth != RouteAuth::none;
  const bool names = row.path.contains('{');
  std::set<int> out = {400, 403, 500, 503};
  if (proves || speaks) out.insert({401, 429});
  if (names || speaks) out.insert({404, 410});
  if (changes) out.insert(409);
  if (speaks) out.insert(413);
  return out;
}

void write_responses(JsonWriter& json, const Route& row) {
  json.key("responses").begin_object();
  json.key("200").begin_object();
  json.field("description", row.media == kJsonMedia ? field_names(row.answer) : row.answer);
  write_content(json, row);
  json.end_object();
  for (const int status : error_statuses(row)) {
    json.key(std::to_string(status));
    write_ref(json, fmt::format("#/components/responses/Error{}", status));
  }
  json.end_object();
}

void write_route_security(JsonWriter& json, RouteAuth auth) {
  json.key("security").begin_array();
  const auto requirement = [&json](std::initializer_list<std::string_view> schemes) {
    json.begin_object();
    for (const auto scheme : schemes) json.key(scheme).begin_array().end_array();
    json.end_object();
  };
  switch (auth) {
    case RouteAuth::none:
      break;
    case RouteAuth::hub_token:
      requirement({"hub_token"});
      requirement({});
      break;
    case RouteAuth::channel:
      requirement({"channel_token"});
      break;
    case RouteAuth::session:
      requirement({"channel_token", "session"});
      break;
    case RouteAuth::account:
      requirement({"account_session"});
      break;
    case RouteAuth::identity:
      requirement({"identity"});
      break;
    case RouteAuth::operations:
      requirement({"admin_token"});
      requirement({});
      break;
    case RouteAuth::admin:
      requirement({"admin_token"});
      break;
  }
  json.end_array();
}

struct Tag {
  std::string_view name;
  std::string_view prefix;  // of the paths; the first that fits
  std::string_view description;
};
constexpr std::array kTags = {
    Tag{"channels", "/api/channels", "Opening, joining, sending, receiving, looking."},
    Tag{"accounts", "/api/account", "Accounts, identities and what they own."},
    Tag{"direct messages", "/api/dm", "From identity to identity, without a channel."},
    Tag{"remote control", "/api/remote-control", "A phone that drives an agent."},
    Tag{"administration", "/api/admin", "For the operator."},
    Tag{"mcp", "/mcp", "The Model Context Protocol."},
    Tag{"server", "/", "Documents, figures, probes."},
};

const Tag& tag_of(const Route& row) {
  return *std::ranges::find_if(kTags,
                               [&](const Tag& tag) { return row.path.starts_with(tag.prefix); });
}

void write_tags(JsonWriter& json) {
  json.key("tags").begin_array();
  for (const Tag& tag : kTags) {
    json.begin_object().field("name", tag.name).field("description", tag.description).end_object();
  }
  json.end_array();
}

void write_operation(JsonWriter& json, const Route& row) {
  json.key(method_key(row.method)).begin_object();
  json.field("operationId", row.name);
  json.field("summary", fill(row.summary, limit_facts()));
  json.key("tags").begin_array().value(tag_of(row).name).end_array();
  write_parameters(json, row);
  write_request_body(json, row);
  write_responses(json, row);
  write_route_security(json, row.auth);
  json.end_object();
}

void write_paths(JsonWriter& json, std::span<const Route> routes) {
  std::map<std::string_view, std::vector<const Route*>> by_path;
  for (const Route& row : routes) {
    if (row.documented()) by_path[row.path].push_back(&row);
  }
  json.key("paths").begin_object();
  for (const auto& [path, rows] : by_path) {
    json.key(path).begin_object();
    for (const Route* row : rows) write_operation(json, *row);
    json.end_object();
  }
  json.end_object();
}

template <class Visit>
void each_error(const Visit& visit) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    visit(describe(static_cast<ErrorCode>(code)));
  }
}

void write_error_schema(JsonWriter& json) {
  json.key("Error").begin_object().field("type", "object");
  json.key("required").raw(R"(["error","code"])");
  json.key("properties").begin_object();
  json.key("error").raw(R"({"type":"string","description":"what is wrong, in a sentence"})");
  json.key("code").begin_object().field("type", "string").key("enum").begin_array();
  std::string_view previous;
  each_error([&](const ErrorRow& row) {
    // Two codes share the name of the row before them, and a list of values holds each once.
    if (row.wire_name != previous) json.value(row.wire_name);
    previous = row.wire_name;
  });
  json.end_array().end_object();
  json.key("hint").raw(R"({"type":"string","description":"the next step"})");
  json.key("retry_after_seconds").raw(R"({"type":"integer"})");
  json.end_object().end_object();
}

// One response a status; its description names the codes that go with it.
void write_error_responses(JsonWriter& json) {
  std::map<int, std::string> meanings;
  each_error([&](const ErrorRow& row) {
    if (row.code == ErrorCode::method_not_allowed) return;  // of no call that there is
    std::string& text = meanings[row.http_status];
    if (!text.empty()) text += "; ";
    text += fmt::format("{}: {}", row.wire_name, row.meaning);
  });
  json.key("responses").begin_object();
  for (const auto& [status, meaning] : meanings) {
    json.key(fmt::format("Error{}", status)).begin_object().field("description", meaning);
    json.key("content").begin_object().key(kJsonMedia).begin_object().key("schema");
    write_ref(json, "#/components/schemas/Error");
    json.end_object().end_object().end_object();
  }
  json.end_object();
}

void write_security_scheme(JsonWriter& json, std::string_view name, std::string_view description) {
  json.key(name).begin_object().field("type", "http").field("scheme", "bearer");
  json.field("description", description).end_object();
}

void write_components(JsonWriter& json) {
  json.key("components").begin_object();
  json.key("securitySchemes").begin_object();
  write_security_scheme(json, "channel_token", "The channel's join_token; bands need none.");
  write_security_scheme(json, "hub_token", "The hub's token; only where the operator has set one.");
  write_security_scheme(json, "account_session", "The session_token of an account.");
  write_security_scheme(json, "admin_token", "The operator's token.");
  json.key("session").begin_object();
  json.field("type", "apiKey").field("in", "header").field("name", "X-Session-Id");
  json.field("description", "The session_id of the join.").end_object();
  json.key("identity").begin_object();
  json.field("type", "apiKey").field("in", "header").field("name", "X-Identity-Key");
  json.field("description", "The identity_key of an identity.").end_object();
  json.end_object();
  json.key("schemas").begin_object();
  write_error_schema(json);
  for (const Shape& shape : shapes()) {
    json.key(shape.name);
    write_object_schema(json, shape.fields);
  }
  json.end_object();
  write_error_responses(json);
  json.end_object();
}

}  // namespace

std::string openapi_json(const View& view, std::span<const Route> routes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("openapi", "3.1.0");
  json.key("info").begin_object();
  json.field("title", "RogerThat").field("version", view.site.version);
  json.field("summary", kTagline).field("description", kUntrustedNote);
  json.key("license").begin_object().field("name", kLicense).field("identifier", kLicense);
  json.end_object().end_object();
  json.key("servers").begin_array().begin_object().field("url", view.origin).end_object();
  json.end_array();
  write_tags(json);
  write_paths(json, routes);
  write_components(json);
  json.end_object();
  return out;
}

}  // namespace rogerthat::api
