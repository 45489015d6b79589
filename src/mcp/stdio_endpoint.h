// MCP over a pair of pipes, legacy era: one session, one JSON-RPC message a line. Lives here:
// reading lines, running the calls, writing lines that never mix. Runs on one loop.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "mcp/application.h"
#include "net/loop.h"

namespace rogerthat::mcp {

class StdioEndpoint {
 public:
  // `ended` is called when the client has closed its side and every answer is written.
  StdioEndpoint(net::Loop& loop, int in, int out, Application& application,
                std::shared_ptr<Caller> caller, std::function<void()> ended);
  ~StdioEndpoint();

  void start();
  // A notification of the application's own, once the client has said `initialized`; before that it
  // is kept (bounded: the oldest are dropped).
  void notify(std::string_view method, std::string_view params_json);
  bool initialized() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rogerthat::mcp
