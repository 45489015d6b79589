// What happens when clients make a server keep more than it may: who has most gives first.
#pragma once

#include "net/connection.h"

namespace rogerthat::net {

// Each address has an equal share of what there is, and may have more as long as the others leave
// it: so what is over the bound is taken from those addresses that keep most, and of what is theirs
// the largest first, and of equal ones that which is nearest to its deadline. Somewhat more is
// freed than must be, so that the looking is paid for by what had to be sent to come here again.
void relieve(ServerLoop& home, Kept what);

// Ends one connection of that address, on this loop where there is one and soon on another where
// there is none. One that waits for a request goes rather than one with a request, and a request
// that waits for its answer goes last; of the same kind, who has waited longest. At most a few are
// looked at, others each time.
void make_room(ServerLoop& home, const IpAddress& heaviest);

}  // namespace rogerthat::net
