#include "api/documents.h"

namespace rogerthat::api {

bool is_api_call(const Route& route) {
  return route.documented &&
         (route.path.starts_with("/api/channels") || route.id == RouteId::bands);
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
    case RouteAuth::operations:
      return "loopback or admin token";
  }
  return {};
}

void write_channel_tools(JsonWriter& json, std::string_view key) {
  json.key(key).begin_array();
  for (const auto id :
       {RouteId::join, RouteId::send, RouteId::listen, RouteId::wait, RouteId::roster,
        RouteId::history, RouteId::leave, RouteId::create_channel}) {
    json.value(route(id).name);
  }
  json.end_array();
}

}  // namespace rogerthat::api
