// How many requests were answered, by kind and status, and how many were refused, by reason:
// counted per shard and without locks. Each shard writes numbers of its own, /metrics adds them up.
// What the kinds are is for the caller to say: here they are numbers with a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "watch/metrics.h"

namespace rogerthat::watch {

enum class RefusalReason : std::uint8_t {
  foreign_host,
  foreign_origin,
  wrong_secret,
  rate_limited,
  banned,
};

class RequestCounters {
 public:
  RequestCounters(std::uint32_t shards, std::vector<std::string_view> names);
  ~RequestCounters();

  // `kind`: the place of its name; any larger number is "unmatched".
  void count(std::uint32_t shard, std::size_t kind, int status);
  void refuse(std::uint32_t shard, RefusalReason reason);

  std::vector<RequestCount> requests() const;  // those that happened
  std::vector<RefusalCount> refusals() const;

 private:
  struct PerShard;
  std::uint64_t sum(std::size_t kind, std::size_t status) const;

  const std::vector<std::string_view> names_;  // "unmatched" comes last
  std::vector<std::unique_ptr<PerShard>> shards_;
};

}  // namespace rogerthat::watch
