#include "api/http/request_counters.h"

#include <algorithm>

namespace rogerthat::api {

namespace {

constexpr std::size_t kRoutes = kRouteCount;
constexpr std::array kStatuses{200, 202, 204, 302, 400, 401, 403, 404, 405,
                               406, 409, 410, 413, 415, 429, 500, 503};
constexpr std::array<std::string_view, 5> kRefusals{"foreign_host", "foreign_origin",
                                                    "wrong_secret", "rate_limited", "banned"};

using Counter = std::atomic<std::uint64_t>;

// Each row has one writer, so that no locked instruction is needed.
void increment(Counter& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

std::size_t status_index(int status) {
  return static_cast<std::size_t>(std::ranges::find(kStatuses, status) - kStatuses.begin());
}

}  // namespace

struct alignas(64) RequestCounters::Row {
  // The last route stands for unknown paths, the last status for any other.
  std::array<std::array<Counter, kStatuses.size() + 1>, kRoutes + 1> requests{};
  std::array<Counter, kRefusals.size()> refusals{};
};

RequestCounters::RequestCounters(std::uint32_t shards) {
  for (std::uint32_t i = 0; i < shards; ++i) rows_.push_back(std::make_unique<Row>());
}

RequestCounters::~RequestCounters() = default;

void RequestCounters::count(std::uint32_t shard, const Route* route, int status) {
  const std::size_t number = route == nullptr ? kRoutes : static_cast<std::size_t>(route->id);
  increment(rows_[shard]->requests[number][status_index(status)]);
}

void RequestCounters::refuse(std::uint32_t shard, Refusal reason) {
  increment(rows_[shard]->refusals[static_cast<std::size_t>(reason)]);
}

std::vector<RequestCount> RequestCounters::requests() const {
  std::vector<RequestCount> out;
  for (std::size_t r = 0; r <= kRoutes; ++r) {
    for (std::size_t s = 0; s <= kStatuses.size(); ++s) {
      RequestCount sum;
      for (const auto& row : rows_)
        sum.count += row->requests[r][s].load(std::memory_order_relaxed);
      if (sum.count == 0) continue;
      sum.route = r == kRoutes ? "unmatched" : route(static_cast<RouteId>(r)).name;
      sum.status = s == kStatuses.size() ? 0 : kStatuses[s];
      out.push_back(sum);
    }
  }
  return out;
}

std::vector<RefusalCount> RequestCounters::refusals() const {
  std::vector<RefusalCount> out;
  for (std::size_t i = 0; i < kRefusals.size(); ++i) {
    RefusalCount sum{.reason = kRefusals[i], .count = 0};
    for (const auto& row : rows_) sum.count += row->refusals[i].load(std::memory_order_relaxed);
    out.push_back(sum);
  }
  return out;
}

}  // namespace rogerthat::api
