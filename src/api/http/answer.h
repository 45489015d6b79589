// The right to answer one request, together with what this room adds to every answer: the lines for
// pages of other origins, the rate limit of a send, what was ignored, and the count for /metrics.
// It may travel into callbacks and outlive its request, but never leaves the shard's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/cors.h"
#include "base/error.h"
#include "base/json.h"
#include "hub/limiter.h"
#include "net/exchange.h"

namespace rogerthat::watch {
class RequestCounters;
}

namespace rogerthat::api {

class Answer {
 public:
  // `row`: of the route, under which it is counted.
  Answer(net::Exchange exchange, watch::RequestCounters& counters, std::uint32_t shard,
         std::size_t row)
      : exchange_(std::move(exchange)), counters_(&counters), row_(row), shard_(shard) {}

  void set_cors(const CorsOrigin* cors) { cors_ = cors; }
  const CorsOrigin* cors() const { return cors_; }  // null: a page of the same origin, or no page
  void set_limit(const hub::LimitState& limit) { limit_ = limit; }
  // Names of fields and parameters that the request held for nothing: a 200 tells them, as
  // `ignored` in its object, else in a header.
  void ignore(std::string_view name);
  void ignore_more(std::size_t count);         // ... and so many, whose names are not told
  void write_ignored(JsonWriter& json) const;  // as fields of an object

  void json(std::string_view body);  // 200
  void error(const Error& error);
  void respond(net::Response response);

  // Receivers: an answer that was encoded for many, or an event stream.
  bool plain() const { return cors_ == nullptr && !limit_ && !ignored_; }  // nothing of its own
  void shared(const net::SharedBytes& whole_response);
  void open_stream();
  net::Exchange& exchange() { return exchange_; }
  const net::Exchange& exchange() const { return exchange_; }

 private:
  struct Ignored {
    std::vector<std::string> told;
    std::size_t count = 0;
  };

  void count(int status);
  std::string with_ignored(std::string_view object) const;
  void tell_ignored(net::Response& response) const;

  net::Exchange exchange_;
  watch::RequestCounters* counters_;
  std::size_t row_;
  const CorsOrigin* cors_ = nullptr;
  std::optional<hub::LimitState> limit_;
  std::unique_ptr<Ignored> ignored_;  // rarely there
  std::uint32_t shard_;
};

}  // namespace rogerthat::api
