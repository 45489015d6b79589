// GET …/messages/{id}: a message and what became of it.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void message(Call& call);

}  // namespace rogerthat::api
