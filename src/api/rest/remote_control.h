// POST …/remote-control: reading the request and writing its answer.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void open_remote_control(Call& call);

}  // namespace rogerthat::api
