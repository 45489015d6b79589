#include "watch/request_counters.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

namespace rogerthat::watch {

namespace {

constexpr std::array kStatuses{200, 202, 204, 302, 400, 401, 403, 404, 405,
                               406, 409, 410, 413, 415, 429, 500, 503};
constexpr std::array<std::string_view, 5> kRefusals{"foreign_host", "foreign_origin",
                                                    "wrong_secret", "rate_limited", "banned"};

using Counter = std::atomic<std::uint64_t>;

// Each counter has one writer, so that no locked instruction is needed.
void increment(Counter& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

std::size_t status_index(int status) {
  return static_cast<std::size_t>(std::ranges::find(kStatuses, status) - kStatuses.begin());
}

std::vector<std::string_view> with_unmatched(std::vector<std::string_view> names) {
  names.push_back("unmatched");
  return names;
}

}  // namespace

struct alignas(64) RequestCounters::PerShard {
  explicit PerShard(std::size_t kinds) : requests(kinds) {}

  using Statuses = std::array<Counter, kStatuses.size() + 1>;  // the last one: any other
  std::vector<Statuses> requests;
  std::array<Counter, kRefusals.size()> refusals{};
};

RequestCounters::RequestCounters(std::uint32_t shards, std::vector<std::string_view> names)
    : names_(with_unmatched(std::move(names))) {
  for (std::uint32_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<PerShard>(names_.size()));
  }
}

RequestCounters::~RequestCounters() = default;

void RequestCounters::count(std::uint32_t shard, std::size_t kind, int status) {
  kind = std::min(kind, names_.size() - 1);
  increment(shards_[shard]->requests[kind][status_index(status)]);
}

void RequestCounters::refuse(std::uint32_t shard, RefusalReason reason) {
  increment(shards_[shard]->refusals[static_cast<std::size_t>(reason)]);
}

std::uint64_t RequestCounters::sum(std::size_t kind, std::size_t status) const {
  std::uint64_t all = 0;
  for (const auto& shard : shards_) {
    all += shard->requests[kind][status].load(std::memory_order_relaxed);
  }
  return all;
}

std::vector<RequestCount> RequestCounters::requests() const {
  std::vector<RequestCount> out;
  for (std::size_t kind = 0; kind < names_.size(); ++kind) {
    for (std::size_t s = 0; s <= kStatuses.size(); ++s) {
      const std::uint64_t count = sum(kind, s);
      if (count == 0) continue;
      out.push_back({names_[kind], s == kStatuses.size() ? 0 : kStatuses[s], count});
    }
  }
  return out;
}

std::vector<RefusalCount> RequestCounters::refusals() const {
  std::vector<RefusalCount> out;
  for (std::size_t i = 0; i < kRefusals.size(); ++i) {
    RefusalCount sum{.reason = kRefusals[i], .count = 0};
    for (const auto& shard : shards_)
      sum.count += shard->refusals[i].load(std::memory_order_relaxed);
    out.push_back(sum);
  }
  return out;
}

}  // namespace rogerthat::watch
