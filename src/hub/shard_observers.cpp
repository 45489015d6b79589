// Who is told that a channel has changed, and of what.
#include "hub/shard.h"

namespace rogerthat::hub {

using core::kNone;

void Shard::observe(ChannelEntry& entry, core::SessionNo session, Observed what,
                    Observer& observer) {
  Observation observation{&observer, what, kNone, {}};
  if (session != kNone) {
    observation.viewer = entry.channel.session(session).member;
    observation.callsign = entry.channel.callsign_of(observation.viewer);
  }
  entry.observations.push_back(std::move(observation));
  if (what == Observed::inbox && session != kNone && entry.channel.unread(session) > 0) {
    observer.changed();
  }
}

void Shard::stop_observing(ChannelHandle channel, Observer& observer) {
  ChannelEntry* const entry = find(channel);
  if (entry == nullptr) return;
  entry->observations.erase_if(
      [&](const Observation& observation) { return observation.observer == &observer; });
}

void Shard::tell_observers(ChannelEntry& entry, const core::Message& message) {
  for (const Observation& observation : entry.observations) {
    const bool same = observation.viewer == kNone ||
                      entry.channel.callsign_of(observation.viewer) == observation.callsign;
    if (!same) continue;
    const bool meant =
        observation.what == Observed::inbox
            ? observation.viewer != kNone && core::Channel::receives(message, observation.viewer)
            : observation.what == Observed::history &&
                  core::Channel::may_see(message, observation.viewer);
    if (meant) observation.observer->changed();
  }
}

}  // namespace rogerthat::hub
