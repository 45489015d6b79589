// MCP over a pair of pipes, legacy era: one session, one JSON-RPC message a line.
// Reading lines, running the calls, writing lines that never mix. Runs on one loop; the process
// ignores SIGPIPE.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "mcp/application.h"
#include "net/loop.h"

namespace rogerthat::mcp {

struct StdioLimits {
  std::size_t line_bytes_max = (1 << 20) + (64 << 10);  // a body of the HTTP side, and its wrapping
  std::size_t unread_bytes_max = 1 << 20;  // beyond it nothing is read, and notifications are lost
  std::size_t notes_kept_max = 1000;       // before the client has said `initialized`
  Millis heartbeat = 20 * kSecond;         // progress on calls that wait
  Millis last_calls = kSecond;             // what runs when the client closes its side has so long
};

class StdioEndpoint {
 public:
  // `ended` is called once, when the client has closed its side and every answer is written, or
  // when it reads no more.
  StdioEndpoint(net::Loop& loop, int in, int out, Application& application,
                std::shared_ptr<Caller> caller, std::function<void()> ended,
                StdioLimits limits = {});
  ~StdioEndpoint();

  void start();
  // A notification of the application's own, once the client has said `initialized`; before that it
  // is kept (bounded: the oldest are dropped). A client that does not read loses it.
  void notify(std::string_view method, std::string_view params_json);
  bool initialized() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace rogerthat::mcp
