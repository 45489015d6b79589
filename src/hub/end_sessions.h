// Sessions that end at the operator's word, wherever in the hub they are: the way over all shards.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/bans.h"
#include "hub/receiver.h"

namespace rogerthat::hub {

class Hub;

struct Ending {
  core::Target target;
  EndReason reason = EndReason::kicked;
  std::string note;  // the operator's words for those whose sessions end
};

// `done` runs on shard `asking` with the number of sessions that have ended, when that is on stable
// storage or the disk refuses.
void end_sessions(Hub& hub, std::uint32_t asking, Ending ending,
                  std::move_only_function<void(std::size_t)> done);

}  // namespace rogerthat::hub
