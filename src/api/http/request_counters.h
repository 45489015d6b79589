// How many requests were answered, by route and status, and how many were refused, by reason.
// Lives here: counting, per shard and without locks: each shard writes its own row, /metrics adds
// them up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/http/routes.h"
#include "api/watch/metrics.h"

namespace rogerthat::api {

enum class Refusal : std::uint8_t {
  foreign_host,
  foreign_origin,
  wrong_secret,
  rate_limited,
  banned,
};

class RequestCounters {
 public:
  explicit RequestCounters(std::uint32_t shards);
  ~RequestCounters();

  // `route` null: a path that is no route.
  void count(std::uint32_t shard, const Route* route, int status);
  void refuse(std::uint32_t shard, Refusal reason);

  std::vector<RequestCount> requests() const;  // those that happened
  std::vector<RefusalCount> refusals() const;

 private:
  struct Row;
  std::vector<std::unique_ptr<Row>> rows_;
};

}  // namespace rogerthat::api
