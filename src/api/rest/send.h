// POST …/send: what of a send belongs to its connection.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void send(Call& call);

}  // namespace rogerthat::api
