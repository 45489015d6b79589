// Asks a server one question on a connection of its own, as a health check does. Lives here: a
// blocking GET with a deadline, and waiting for an answer.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "support/clock.h"

namespace rogerthat::bench {

// The status of the answer; nothing when nobody listens or no answer comes within a second.
std::optional<int> probe(int port, const std::string& path);

struct Wait {
  Nanos took = 0;
  bool reachable_before = false;  // something else than 200 was answered meanwhile
};

// Probes until the answer is 200. Throws Failure when patience ends or `alive` says no.
Wait wait_for_ok(int port, const std::string& path, Nanos patience,
                 const std::function<bool()>& alive);

}  // namespace rogerthat::bench
