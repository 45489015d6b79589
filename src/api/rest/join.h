// Sessions: join, keepalive, leave. Reading a join and writing its answer; what a join
// does is decided in core.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void join(Call& call);
void keepalive(Call& call);
void leave(Call& call);

}  // namespace rogerthat::api
