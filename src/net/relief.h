// What happens when clients make a loop keep more than it may: who keeps most goes first.
#pragma once

#include "net/connection.h"

namespace rogerthat::net {

// Each address has an equal share of what there is, and may have more as long as the others leave
// it: so what is over the bound is taken from those addresses that keep most, and of what is theirs
// the largest first, and of equal ones that which is nearest to its deadline. Somewhat more is
// freed than must be, so that the looking is paid for by what had to be sent to come here again.
void relieve(ServerLoop& home, Kept what);

}  // namespace rogerthat::net
