// Random bytes for whoever needs no more than that they are random: names, ids and secrets made at
// the edges of the hub. What the simulator must be able to repeat is given its Random instead.
#pragma once

#include "base/random.h"

namespace rogerthat {

// The operating system's, for this thread.
Random& random_source();

}  // namespace rogerthat
