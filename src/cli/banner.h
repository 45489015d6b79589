// What `serve` says on standard output when it listens: a few lines for the person who started it.
#pragma once

#include <string>

#include "cli/settings.h"

namespace rogerthat::cli {

// `port`: the one that was taken, where the settings say 0.
std::string banner(const Settings& settings, int port);

}  // namespace rogerthat::cli
