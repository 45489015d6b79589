// What /metrics says, in the Prometheus text format. The names, their help and the
// rendering, as a pure function of numbers that others have counted. No counting, no labels from
// outside: a channel, a callsign or an address never becomes a label.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "hub/shard.h"
#include "mcp/http_endpoint.h"
#include "net/server.h"
#include "store/store.h"
#include "watch/process_stats.h"

namespace rogerthat::watch {

struct RequestCount {
  std::string_view route;  // "send", "listen", ...; "unmatched" for paths that are no route
  int status = 0;
  std::uint64_t count = 0;
};

struct RefusalCount {
  std::string_view reason;  // "rate_limited", "foreign_host", ...
  std::uint64_t count = 0;
};

struct MetricsInput {
  std::string_view version;
  Millis uptime = 0;
  bool ready = false;
  bool draining = false;
  bool store_healthy = true;
  net::ServerCounters http;
  net::ServerOptions http_options;
  std::vector<RequestCount> requests;
  std::vector<RefusalCount> refusals;
  std::vector<hub::ShardStats> shards;  // by shard number
  std::uint64_t worker_jobs_queued = 0;
  store::StoreStats store;
  store::LifetimeCounters lifetime;
  ProcessStats process;
  mcp::HttpStats mcp;
  std::uint64_t webhooks = 0;
};

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

std::string render_metrics(const MetricsInput& input);

}  // namespace rogerthat::watch
