// What operators and their machines ask: GET /api/stats, /healthz, /readyz and /metrics.
#pragma once

#include <functional>

#include "api/http/request_context.h"
#include "watch/metrics.h"

namespace rogerthat::api {

void server_stats(Call& call);
void healthz(Call& call);
void readyz(Call& call);
void metrics(Call& call);

// Every number of the process; `done` runs on `shard`.
void gather_metrics(const Services& services, hub::Shard& shard,
                    std::move_only_function<void(const watch::MetricsInput&)> done);

}  // namespace rogerthat::api
