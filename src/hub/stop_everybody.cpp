#include "hub/stop_everybody.h"

#include <memory>
#include <utility>
#include <vector>

#include "core/names.h"
#include "hub/hub.h"

namespace rogerthat::hub {

namespace {

constexpr std::size_t kAtOnce = 200;  // channels in one turn of a shard

struct StopWalk {
  Hub& hub;
  std::uint32_t asking;
  Standdown order;
  std::move_only_function<void(StoodDown)> done;
  StoodDown result;
  std::uint32_t shard = 0;  // where it is
  std::uint32_t last = 0;
  std::vector<ChannelHandle> channels;  // of this shard, still to be stopped
  std::size_t sending = 0;              // broadcasts on their way, and the turn itself
};
using StopWalkPtr = std::shared_ptr<StopWalk>;

void stop_some(const StopWalkPtr& walk);

void begin_shard(const StopWalkPtr& walk) {
  walk->hub.post(walk->shard, [walk] {
    Shard& shard = walk->hub.shard(walk->shard);
    const auto take = [&](const ChannelEntry& entry) {
      const bool meant = !entry.record.options.inbox && entry.channel.agent_count() > 0;
      if (meant) walk->channels.push_back(entry.handle);
    };
    if (walk->order.channel.empty()) {
      shard.each_channel(take);
    } else if (const ChannelEntry* const entry = shard.find(walk->order.channel)) {
      take(*entry);
    }
    stop_some(walk);
  });
}

// When the last broadcast of a turn is done.
void finish_turn(const StopWalkPtr& walk) {
  Hub& hub = walk->hub;
  if (!walk->channels.empty()) {
    hub.post(walk->shard, [walk] { stop_some(walk); });
    return;
  }
  hub.shard(walk->shard).when_stored([walk] {
    if (walk->shard < walk->last) {
      ++walk->shard;
      return begin_shard(walk);
    }
    // What answers goes back alone: others may still hold the walk on this thread.
    walk->hub.post(walk->asking, [done = std::move(walk->done), result = walk->result]() mutable {
      done(result);
    });
  });
}

void end_all(const StopWalkPtr& walk, ChannelHandle handle) {
  Shard& shard = walk->hub.shard(walk->shard);
  if (ChannelEntry* const entry = shard.find(handle)) {
    ++walk->result.channels;
    walk->result.sessions += shard.end_sessions(
        *entry, [](const core::Party&) { return true; }, EndReason::stopped, walk->order.note);
  }
  if (--walk->sending == 0) finish_turn(walk);
}

void stop_some(const StopWalkPtr& walk) {
  Shard& shard = walk->hub.shard(walk->shard);
  walk->sending = 1;
  for (std::size_t i = 0; i < kAtOnce && !walk->channels.empty(); ++i) {
    const ChannelHandle handle = walk->channels.back();
    walk->channels.pop_back();
    ChannelEntry* const entry = shard.find(handle);
    if (entry == nullptr) continue;
    ++walk->sending;
    SendRequest request;
    request.command.from = entry->channel.sender(core::kOperatorCallsign, shard.now());
    request.command.text = walk->order.text;
    request.command.priority = core::Priority::urgent;
    shard.send(*entry, std::move(request),
               [walk, handle](const Result<SendReply>&) { end_all(walk, handle); });
  }
  if (--walk->sending == 0) finish_turn(walk);
}

}  // namespace

void stand_down(Hub& hub, std::uint32_t asking, Standdown standdown,
                std::move_only_function<void(StoodDown)> done) {
  auto walk = std::make_shared<StopWalk>(StopWalk{.hub = hub,
                                                  .asking = asking,
                                                  .order = std::move(standdown),
                                                  .done = std::move(done),
                                                  .result = {},
                                                  .channels = {}});
  const bool all = walk->order.channel.empty();
  walk->shard = all ? 0 : hub.shard_of_channel(walk->order.channel);
  walk->last = all ? hub.shard_count() - 1 : walk->shard;
  begin_shard(walk);
}

}  // namespace rogerthat::hub
