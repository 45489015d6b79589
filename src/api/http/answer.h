// The right to answer one request, together with what this room adds to every answer: the lines for
// pages of other origins, the rate limit of a send, and the count for /metrics. It may travel into
// callbacks and outlive its request, but never leaves the shard's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "api/http/cors.h"
#include "base/error.h"
#include "hub/limiter.h"
#include "net/exchange.h"

namespace rogerthat::api {

class RequestCounters;

class Answer {
 public:
  // `row`: of the route, under which it is counted.
  Answer(net::Exchange exchange, RequestCounters& counters, std::uint32_t shard, std::size_t row)
      : exchange_(std::move(exchange)), counters_(&counters), row_(row), shard_(shard) {}

  void set_cors(const CorsOrigin* cors) { cors_ = cors; }
  const CorsOrigin* cors() const { return cors_; }  // null: a page of the same origin, or no page
  void set_limit(const hub::LimitState& limit) { limit_ = limit; }

  void json(std::string_view body);  // 200
  void error(const Error& error);
  void respond(net::Response response);

  // Receivers: an answer that was encoded for many, or an event stream.
  bool plain() const { return cors_ == nullptr && !limit_; }  // nothing of its own to add
  void shared(const net::SharedBytes& whole_response);
  void open_stream();
  net::Exchange& exchange() { return exchange_; }
  const net::Exchange& exchange() const { return exchange_; }

 private:
  void count(int status);

  net::Exchange exchange_;
  RequestCounters* counters_;
  std::size_t row_;
  const CorsOrigin* cors_ = nullptr;
  std::optional<hub::LimitState> limit_;
  std::uint32_t shard_;
};

}  // namespace rogerthat::api
