// GET …/messages/{id}: one message and what became of it, for its sender and its addressees.
#pragma once

#include "api/request_context.h"

namespace rogerthat::api {

void message(Call& call);

}  // namespace rogerthat::api
