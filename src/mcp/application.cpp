#include "mcp/application.h"

#include "base/json.h"

namespace rogerthat::mcp {

void Application::read_resource(const Request& request, Reply reply) {
  resource_not_found(request, reply, request.name);
}

void Application::get_prompt(const Request&, Reply reply) {
  reply.error(ErrorCode::invalid_params, "There is no prompt of that name.");
}

void Application::complete(const Request&, Reply reply) {
  reply.result(R"({"completion":{"values":[],"total":0,"hasMore":false}})");
}

void resource_not_found(const Request& request, Reply& reply, std::string_view uri) {
  std::string data;
  JsonWriter json(data);
  json.begin_object().field("uri", uri).end_object();
  const ErrorCode code =
      request.era == Era::modern ? ErrorCode::invalid_params : ErrorCode::legacy_resource_missing;
  reply.error(code, "There is no resource of that URI.", data);
}

}  // namespace rogerthat::mcp
