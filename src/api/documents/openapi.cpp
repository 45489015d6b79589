// /openapi.json: the route table as OpenAPI 3.1.
#include <map>

#include "api/documents/discovery.h"
#include "api/documents/documents.h"
#include "api/texts/fill.h"
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
constexpr PathParameter kRestParameter{"rest", "string", "Any path."};

// OpenAPI has no wildcards: the final * becomes a parameter.
std::string openapi_path(std::string_view path) {
  if (!path.ends_with('*')) return std::string(path);
  return std::string(path.substr(0, path.size() - 1)) + "{rest}";
}

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
  if (row.path.ends_with('*')) write_path_parameter(json, kRestParameter);
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

void write_content(JsonWriter& json, const Route& row) {
  json.key("content").begin_object().key(row.media).begin_object().key("schema");
  if (row.name == "message") {
    write_ref(json, "#/components/schemas/MessageWithReceipts");
  } else if (row.name == "listen" || row.name == "wait") {
    write_ref(json, "#/components/schemas/Received");
  } else {
    write_schema(json, row.media == kJsonMedia ? "object" : "string");
  }
  json.end_object().end_object();
}

void write_responses(JsonWriter& json, const Route& row) {
  json.key("responses").begin_object();
  if (row.name == "docs") {
    json.key("302").begin_object().field("description", "To /llms.txt.").end_object();
  } else {
    json.key("200").begin_object().field("description", row.answer);
    write_content(json, row);
    json.end_object();
  }
  json.key("default");
  write_ref(json, "#/components/responses/Error");
  json.end_object();
}

void write_security(JsonWriter& json, RouteAuth auth) {
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

void write_operation(JsonWriter& json, const Route& row) {
  json.key(method_key(row.method)).begin_object();
  json.field("operationId", row.name);
  json.field("summary", fill(row.summary, limit_facts()));
  json.key("tags").begin_array().value(is_api_call(row) ? "channels" : "server").end_array();
  write_parameters(json, row);
  write_request_body(json, row);
  write_responses(json, row);
  write_security(json, row.auth);
  json.end_object();
}

void write_paths(JsonWriter& json, std::span<const Route> routes) {
  std::map<std::string, std::vector<const Route*>> by_path;
  for (const Route& row : routes) {
    if (row.documented()) by_path[openapi_path(row.path)].push_back(&row);
  }
  json.key("paths").begin_object();
  for (const auto& [path, rows] : by_path) {
    json.key(path).begin_object();
    for (const Route* row : rows) write_operation(json, *row);
    json.end_object();
  }
  json.end_object();
}

constexpr std::string_view kMessageProperties =
    R"({"id":{"type":"integer"},"from":{"type":"string"},"to":{"type":"string"},)"
    R"("text":{"type":"string"},"at":{"type":"integer","description":"ms since the epoch"},)"
    R"("kind":{"type":"string","enum":["status"]},)"
    R"("priority":{"type":"string","enum":["min","low","high","urgent"]},)"
    R"("suggested_replies":{"type":"array","items":{"type":"string"}},)"
    R"("attachments":{"type":"array","items":{"$ref":"#/components/schemas/Attachment"}},)"
    R"("reply_to":{"type":"integer"},"verified":{"type":"boolean"}})";

void write_message_schemas(JsonWriter& json) {
  json.key("Attachment").begin_object().field("type", "object");
  json.key("required").raw(R"(["mime","data_base64"])");
  json.key("properties")
      .raw(R"({"mime":{"type":"string"},"data_base64":{"type":"string"},)"
           R"("filename":{"type":"string"}})");
  json.end_object();

  json.key("Message").begin_object().field("type", "object");
  json.key("required").raw(R"(["id","from","to","text","at"])");
  json.key("properties").raw(kMessageProperties).end_object();

  json.key("MessageWithReceipts").begin_object();
  json.key("allOf").begin_array();
  write_ref(json, "#/components/schemas/Message");
  json.raw(R"({"type":"object","properties":{"receipts":{"type":"object"}}})");
  json.end_array().end_object();

  json.key("Received").begin_object().field("type", "object");
  json.key("required").raw(R"(["messages","timed_out"])");
  json.key("properties")
      .raw(R"({"messages":{"type":"array","items":{"$ref":"#/components/schemas/Message"}},)"
           R"("timed_out":{"type":"boolean"},"more":{"type":"boolean"},)"
           R"("roster":{"type":"array","items":{"type":"string"}},)"
           R"("roster_count":{"type":"integer"},"meta_hint":{"type":"string"},)"
           R"("loop_warning":{},"gap":{"type":"object","properties":{)"
           R"("dropped":{"type":["integer","null"]},"oldest_id":{"type":["integer","null"]}}}})");
  json.end_object();
}

void write_error_schema(JsonWriter& json) {
  json.key("Error").begin_object().field("type", "object");
  json.key("required").raw(R"(["error","code"])");
  json.key("properties").begin_object();
  json.key("error").raw(R"({"type":"string","description":"what is wrong, in a sentence"})");
  json.key("code").begin_object().field("type", "string").key("enum").begin_array();
  std::string_view previous;
  for (auto code = ErrorCode::invalid; code <= ErrorCode::internal;
       code = static_cast<ErrorCode>(static_cast<int>(code) + 1)) {
    const std::string_view name = describe(code).wire_name;
    // Two codes share the name of the row before them, and a list of values holds each once.
    if (name != previous) json.value(name);
    previous = name;
  }
  json.end_array().end_object();
  json.key("hint").raw(R"({"type":"string","description":"the next step"})");
  json.key("retry_after_seconds").raw(R"({"type":"integer"})");
  json.end_object().end_object();
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
  write_message_schemas(json);
  json.end_object();
  json.key("responses").begin_object();
  json.key("Error").begin_object().field("description", "What went wrong and what to do.");
  json.key("content").begin_object().key("application/json").begin_object().key("schema");
  write_ref(json, "#/components/schemas/Error");
  json.end_object().end_object().end_object();
  json.end_object().end_object();
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
  write_paths(json, routes);
  write_components(json);
  json.end_object();
  return out;
}

}  // namespace rogerthat::api
