// MCP over Streamable HTTP, both eras on one URL. From an HTTP request to a call of the
// application and back: sessions, header checks, JSON or SSE answers, the GET stream, resumption,
// cancellation. Knows nothing of what the application does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mcp/application.h"
#include "mcp/session.h"
#include "net/exchange.h"
#include "net/loop.h"
#include "net/request.h"

namespace rogerthat::mcp {

struct HttpOptions {
  std::vector<net::Loop*> loops;  // by shard number
  SessionLimits sessions;
  Millis heartbeat = 20 * kSecond;      // progress, or comments, on streams that wait
  Millis resume_window = 60 * kSecond;  // how long a broken answer waits for its client
  std::function<void(std::uint32_t shard, int status)> answered;  // for metrics
};

struct HttpStats {
  std::size_t sessions = 0, calls = 0, streams = 0, subscriptions = 0;
};

class HttpEndpoint {
 public:
  explicit HttpEndpoint(HttpOptions options);
  // After the loops have stopped and the server is gone, whose connections hold calls.
  ~HttpEndpoint();

  // POST, GET or DELETE (405 for others) on `shard`'s thread. Host and Origin have been checked,
  // and whether the caller may use this application at all. May move the connection to another
  // loop. `realm`: the endpoint's own name, for sessions.
  void handle(std::uint32_t shard, const net::Request& request, net::Exchange exchange,
              Application& application, std::string_view realm, std::shared_ptr<Caller> caller);

  // Tells every client that listens for it. Any thread.
  void list_changed(List list);
  // Ends all streams in good order and answers no new ones; calls that wait are cancelled by their
  // application. Any thread.
  void drain();
  HttpStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rogerthat::mcp
