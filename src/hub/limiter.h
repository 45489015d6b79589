// Limits per source address and minute, shared by all shards: a few striped tables, each with a
// short lock (the only state that is not owned by one shard; a hop to an owner would cost more than
// the look-up does). Bounded: at the bound the address idle longest is forgotten.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace rogerthat::hub {

enum class Limited : std::uint8_t {
  send,
  send_band,
  channel_creation,
  join,
  join_band,
  account,
  remote_control,
  identity,
  wrong_secret,
  webhook,
};
inline constexpr std::size_t kLimitedCount = 10;

struct RateLimits {  // per address and 60 s; 0: off
  std::array<std::uint32_t, kLimitedCount> per_minute{60, 10, 20, 60, 10, 5, 5, 10, 10, 20};
  bool loopback_too = false;  // also direct loopback callers
  std::size_t addresses_max = 100'000;
  std::uint32_t of(Limited what) const { return per_minute[static_cast<std::size_t>(what)]; }
};

struct LimitState {
  bool allowed = true;
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;
  Millis reset_at = 0;  // wall; when the oldest counted request leaves the window
  std::int64_t retry_after_seconds = 0;
};

class Limiter {
 public:
  explicit Limiter(RateLimits limits);
  ~Limiter();
  // `address`: 16 bytes of IpAddress::limit_key(). Counts the request if it is allowed.
  LimitState take(Limited what, std::string_view address, Now now);
  // Looks without counting (wrong secrets are counted only when they were wrong).
  LimitState peek(Limited what, std::string_view address, Now now);
  const RateLimits& limits() const { return limits_; }

 private:
  struct Stripe;
  RateLimits limits_;
  std::array<std::unique_ptr<Stripe>, 16> stripes_;
};

}  // namespace rogerthat::hub
