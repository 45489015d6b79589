#include "core/displaced_polls.h"

#include <algorithm>
#include <utility>

#include "core/limits.h"

namespace rogerthat::core {

DisplacedPolls::Callsign& DisplacedPolls::entry_of(std::uint64_t channel, MemberNo member,
                                                   Millis steady) {
  const auto known = std::ranges::find_if(callsigns_, [&](const Callsign& callsign) {
    return callsign.channel == channel && callsign.member == member;
  });
  if (known != callsigns_.end()) return *known;
  std::erase_if(callsigns_, [steady](const Callsign& callsign) {
    return steady - callsign.last >= kDisplacedPollsWindow;
  });
  if (callsigns_.size() >= kCallsignsMax) {
    callsigns_.erase(std::ranges::min_element(callsigns_, {}, &Callsign::last));
  }
  Callsign& fresh = callsigns_.emplace_back();
  fresh.channel = channel;
  fresh.member = member;
  return fresh;
}

Millis DisplacedPolls::displaced(std::uint64_t channel, MemberNo member, Millis steady) {
  Callsign& callsign = entry_of(channel, member, steady);
  callsign.last = steady;
  if (callsign.times.size() < kDisplacedPollsMax) {
    callsign.times.push_back(steady);
    return 0;
  }
  const Millis oldest = std::exchange(callsign.times[callsign.next], steady);
  callsign.next = (callsign.next + 1) % kDisplacedPollsMax;
  return steady - oldest < kDisplacedPollsWindow ? kDisplacedPollDelay : 0;
}

}  // namespace rogerthat::core
