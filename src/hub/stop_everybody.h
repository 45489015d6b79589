// Everybody stops: the operator's last word on a channel, and the end of its sessions. The way over
// one channel or over all of them, some at a time, so that no shard stands still.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rogerthat::hub {

class Hub;

struct Standdown {
  std::string channel;  // empty: all
  std::string text;     // the broadcast
  std::string note;     // the operator's words for those whose sessions end
};
struct StoodDown {
  std::size_t channels = 0;
  std::size_t sessions = 0;
};

// Sessions end also where the disk refuses the broadcast. `done` runs on shard `asking`.
void stand_down(Hub& hub, std::uint32_t asking, Standdown standdown,
                std::move_only_function<void(StoodDown)> done);

}  // namespace rogerthat::hub
