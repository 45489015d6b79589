// Looking at a channel without changing it: GET …/roster, …/history and …/stats.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void roster(Call& call);
void history(Call& call);
void stats(Call& call);

}  // namespace rogerthat::api
