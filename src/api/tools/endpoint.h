// /mcp and /mcp/<channel> over HTTP: who may use them, and what a browser or curl is told that
// comes by with GET. What is spoken there is the mcp room's, what is offered mcp_application's.
#pragma once

#include "api/http/request_context.h"
#include "api/tools/application.h"
#include "mcp/http_endpoint.h"

namespace rogerthat::api {

// The two endpoints of one server.
class McpService {
 public:
  McpService(const Services& services, mcp::HttpOptions options);

  void handle(Call& call);
  void drain() { http_.drain(); }
  const mcp::HttpEndpoint& http() const { return http_; }

 private:
  McpApplication all_channels_;
  McpApplication one_channel_;
  mcp::HttpEndpoint http_;  // last: it ends before what it calls
};

void mcp_endpoint(Call& call);  // POST, DELETE, and GET for an event stream
// Whether what the call shows opens the endpoint that it is for.
Result<void> may_use_mcp(const Call& call);

}  // namespace rogerthat::api
