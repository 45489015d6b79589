// Somebody who wants to know that a channel has changed, and fetches what is new by other means.
// Lives here: what may be watched and who is told. A watcher moves no cursor and keeps no session
// alive. Belongs to one shard's thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/types.h"

namespace rogerthat::hub {

enum class Watching : std::uint8_t {
  inbox,    // messages that the callsign receives
  history,  // messages that the callsign may see; without one, broadcasts
  roster,   // who is on
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void changed() = 0;  // must not call the shard
};

// One watch on one channel.
struct Watch {
  Watcher* watcher = nullptr;
  Watching what = Watching::inbox;
  core::MemberNo viewer = core::kNone;
  std::string callsign;  // the viewer's: its number may be given to another once it is forgotten
};

}  // namespace rogerthat::hub
