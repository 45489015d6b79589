#include "mcp/application.h"

#include "base/json.h"

namespace rogerthat::mcp {

void Application::read_resource(const Request& request, Call call) {
  resource_not_found(request, call, request.name);
}

void Application::get_prompt(const Request&, Call call) {
  call.error(ErrorCode::invalid_params, "There is no prompt of that name.");
}

void Application::complete(const Request&, Call call) {
  call.result(R"({"completion":{"values":[],"total":0,"hasMore":false}})");
}

void resource_not_found(const Request& request, Call& call, std::string_view uri) {
  std::string data;
  JsonWriter json(data);
  json.begin_object().field("uri", uri).end_object();
  const ErrorCode code =
      request.era == Era::modern ? ErrorCode::invalid_params : ErrorCode::legacy_resource_missing;
  call.error(code, "There is no resource of that URI.", data);
}

}  // namespace rogerthat::mcp
