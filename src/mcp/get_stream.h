// The stream that a legacy client opens by GET: what its session has to tell outside of calls.
// Writing what waits, keeping the connection alive, ending. One thread; the session
// wakes it from any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "mcp/due.h"
#include "mcp/http_shard.h"
#include "mcp/session.h"
#include "net/exchange.h"

namespace rogerthat::mcp {

class GetStream final : public Due, public std::enable_shared_from_this<GetStream> {
 public:
  // Answers the exchange: with a stream, or with 409 where the session has one. `after`: the number
  // of the last event that the client has; then this stream takes the other's place.
  static void open(HttpShard& shard, std::shared_ptr<Session> session, net::Exchange exchange,
                   std::optional<std::uint64_t> after);
  ~GetStream() override;

  void write_notes();
  void finish();
  void gone();  // the connection is
  void due(Millis steady_now) override;

 private:
  class Handle;
  class Watcher;
  GetStream(HttpShard& shard, std::shared_ptr<Session> session, net::Exchange exchange);
  void begin(std::optional<std::uint64_t> after);
  void leave();

  HttpShard& shard_;
  const std::shared_ptr<Session> session_;
  net::Exchange exchange_;
  std::shared_ptr<Handle> handle_;
  bool open_ = false;
};

}  // namespace rogerthat::mcp
