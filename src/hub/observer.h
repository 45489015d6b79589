// Somebody who wants to know that a channel has changed, and fetches what is new by other means: of
// what, and on whose behalf. An observer moves no cursor and keeps no session alive. Belongs to one
// shard's thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/types.h"

namespace rogerthat::hub {

enum class Observed : std::uint8_t {
  inbox,    // messages that the callsign receives
  history,  // messages that the callsign may see; without one, broadcasts
  roster,   // who is on
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void changed() = 0;  // must not call the shard
};

// Of one channel.
struct Observation {
  Observer* observer = nullptr;
  Observed what = Observed::inbox;
  core::MemberNo viewer = core::kNone;
  std::string callsign;  // the viewer's: its number may be given to another once it is forgotten
};

}  // namespace rogerthat::hub
