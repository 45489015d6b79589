#include "hub/end_sessions.h"

#include <memory>

#include "hub/hub.h"

namespace rogerthat::hub {

namespace {

struct EndWalk {
  Hub& hub;
  std::uint32_t asking;
  Ending ending;
  std::move_only_function<void(std::size_t)> done;
  std::size_t ended = 0;
};

void end_on(const std::shared_ptr<EndWalk>& walk, Shard& shard) {
  const Ending& ending = walk->ending;
  const auto end = [&](ChannelEntry& entry) {
    walk->ended += shard.end_sessions(
        entry, [&](const core::Party& party) { return core::means(ending.target, party); },
        ending.reason, ending.note);
  };
  if (ending.target.channel.empty()) return shard.each_channel(end);
  if (ChannelEntry* const entry = shard.find(ending.target.channel)) end(*entry);
}

void walk_on(std::shared_ptr<EndWalk> walk, std::uint32_t next, std::uint32_t last) {
  Hub& hub = walk->hub;
  if (next > last) {
    const std::uint32_t asking = walk->asking;
    hub.post(asking, [walk = std::move(walk)] { walk->done(walk->ended); });
    return;
  }
  hub.post(next, [walk = std::move(walk), next, last]() mutable {
    Shard& shard = walk->hub.shard(next);
    end_on(walk, shard);
    shard.when_stored([walk = std::move(walk), next, last]() mutable {
      walk_on(std::move(walk), next + 1, last);
    });
  });
}

}  // namespace

void end_sessions(Hub& hub, std::uint32_t asking, Ending ending,
                  std::move_only_function<void(std::size_t)> done) {
  const std::string& channel = ending.target.channel;
  const std::uint32_t first = channel.empty() ? 0 : hub.shard_of_channel(channel);
  const std::uint32_t last = channel.empty() ? hub.shard_count() - 1 : first;
  walk_on(std::make_shared<EndWalk>(EndWalk{hub, asking, std::move(ending), std::move(done)}),
          first, last);
}

}  // namespace rogerthat::hub
