#include "hub/limiter.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

namespace rogerthat::hub {

namespace {
constexpr Millis kWindow = kMinute;
}

// One address's requests of one kind within the window.
struct Limiter::Stripe {
  struct Counted {
    std::deque<Millis> times;  // steady
    Millis last = 0;
  };
  std::mutex mutex;
  std::unordered_map<std::string, Counted> table;

  void make_room(std::size_t max, Millis steady) {
    if (table.size() < max) return;
    std::erase_if(table, [steady](const auto& row) { return steady - row.second.last >= kWindow; });
    if (table.size() < max) return;
    const auto idle = std::min_element(
        table.begin(), table.end(),
        [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
    table.erase(idle);
  }
};

Limiter::Limiter(RateLimits limits) : limits_(limits) {
  for (auto& stripe : stripes_) stripe = std::make_unique<Stripe>();
}

Limiter::~Limiter() = default;

namespace {
LimitState state_of(const std::deque<Millis>& times, std::uint32_t limit, Now now) {
  LimitState state;
  state.limit = limit;
  const auto used = static_cast<std::uint32_t>(times.size());
  state.remaining = limit > used ? limit - used : 0;
  const Millis wait = times.empty() ? kWindow : times.front() + kWindow - now.steady;
  state.reset_at = now.wall + std::max<Millis>(wait, 0);
  state.retry_after_seconds = std::max<Millis>(1, (wait + 999) / 1000);
  return state;
}

void forget_old(std::deque<Millis>& times, Millis steady) {
  while (!times.empty() && steady - times.front() >= kWindow) times.pop_front();
}

std::string key_of(Limited what, std::string_view address) {
  std::string key(address);
  key.push_back(static_cast<char>(what));
  return key;
}
}  // namespace

LimitState Limiter::take(Limited what, std::string_view address, Now now) {
  const std::uint32_t limit = limits_.of(what);
  if (limit == 0) return {};
  const std::string key = key_of(what, address);
  Stripe& stripe = *stripes_[std::hash<std::string>{}(key) % stripes_.size()];
  const std::lock_guard lock(stripe.mutex);
  auto found = stripe.table.find(key);
  if (found == stripe.table.end()) {
    stripe.make_room(std::max<std::size_t>(1, limits_.addresses_max / stripes_.size()), now.steady);
    found = stripe.table.try_emplace(key).first;
  }
  Stripe::Counted& counted = found->second;
  forget_old(counted.times, now.steady);
  counted.last = now.steady;
  const bool allowed = counted.times.size() < limit;
  if (allowed) counted.times.push_back(now.steady);
  LimitState state = state_of(counted.times, limit, now);
  state.allowed = allowed;
  return state;
}

LimitState Limiter::peek(Limited what, std::string_view address, Now now) {
  const std::uint32_t limit = limits_.of(what);
  if (limit == 0) return {};
  const std::string key = key_of(what, address);
  Stripe& stripe = *stripes_[std::hash<std::string>{}(key) % stripes_.size()];
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.table.find(key);
  if (found == stripe.table.end()) return state_of({}, limit, now);
  forget_old(found->second.times, now.steady);
  LimitState state = state_of(found->second.times, limit, now);
  state.allowed = found->second.times.size() < limit;
  return state;
}

}  // namespace rogerthat::hub
