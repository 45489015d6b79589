// Under which names a server on loopback may be spoken to, and from which pages: a page of somebody
// else must not reach it by pointing a name of its own at this address. Pure functions.
#pragma once

#include "net/request.h"

namespace rogerthat::conformance {

bool is_local(const net::Request& request);  // its Host, and its Origin where it has one

}  // namespace rogerthat::conformance
