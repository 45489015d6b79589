// The verb `serve`: puts the rooms together, runs them until a signal comes, and takes them down in
// order: the composition root and the order of start and end. No rules of the hub.
#pragma once

#include "cli/settings.h"

namespace rogerthat::cli {

// Returns the exit code.
int serve(const Settings& settings);

}  // namespace rogerthat::cli
