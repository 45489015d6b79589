// The table of routes: what the server answers, in one place. A further route is a further row and
// its handler. Only the composition of the api includes this; whoever is below is given the table.
#pragma once

#include <span>

#include "api/http/route.h"

namespace rogerthat::api {

std::span<const Route> routes();

}  // namespace rogerthat::api
