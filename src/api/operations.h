// What operators and their machines ask: GET /api/stats, /healthz, /readyz and /metrics.
#pragma once

#include "api/request_context.h"

namespace rogerthat::api {

void server_stats(Call& call);
void healthz(Call& call);
void readyz(Call& call);
void metrics(Call& call);

}  // namespace rogerthat::api
