#include "api/documents/documents.h"

namespace rogerthat::api {

bool is_api_call(const Route& route) {
  return route.documented() &&
         (route.path.starts_with("/api/channels") || route.path.starts_with("/api/account") ||
          route.path.starts_with("/api/dm") || route.path == "/api/remote-control" ||
          route.name == "bands");
}

std::string_view auth_text(RouteAuth auth) {
  switch (auth) {
    case RouteAuth::none:
      return "none";
    case RouteAuth::hub_token:
      return "hub token, where the operator has set one";
    case RouteAuth::channel:
      return "channel token";
    case RouteAuth::session:
      return "channel token and session";
    case RouteAuth::account:
      return "session token of the account";
    case RouteAuth::identity:
      return "identity key";
    case RouteAuth::operations:
      return "admin token, or loopback where the hub serves no other machine";
    case RouteAuth::admin:
      return "admin token";
  }
  return {};
}

void write_homepage(JsonWriter& json, const Site& site) {
  for (const std::string_view key : {"homepage", "repository"}) {
    if (site.homepage.empty()) {
      json.key(key).null();
    } else {
      json.field(key, site.homepage);
    }
  }
}

void write_tool_names(JsonWriter& json, std::string_view key, McpEndpoint endpoint) {
  json.key(key).begin_array();
  for (const ToolRow& row : tool_rows()) {
    if (has_tool(endpoint, row)) json.value(row.name);
  }
  json.end_array();
}

}  // namespace rogerthat::api
