// The receiver that webhooks are posted to. Lives here: reading the requests, answering each with
// 204, and the time that a message took from its stamp until it came.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/histogram.h"
#include "support/loop.h"

namespace rogerthat::bench {

class HookReceiver : public ConnectionHandler {
 public:
  explicit HookReceiver(Loop& loop) : loop_(loop), port_(loop.listen(*this)) {}

  int port() const { return port_; }
  std::uint64_t received() const { return received_; }  // ever
  void begin_measuring() { latency_.reset(); }
  const Histogram& latency() const { return latency_; }

  void on_response(Connection& connection, const Response& response) override;
  void on_bytes(Connection& connection, std::string_view bytes) override;
  void on_closed(Connection& connection) override;

 private:
  void take(std::string_view body);

  Loop& loop_;
  int port_;
  std::uint64_t received_ = 0;
  Histogram latency_;
};

}  // namespace rogerthat::bench
