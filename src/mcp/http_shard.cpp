#include "mcp/http_shard.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "mcp/get_stream.h"
#include "mcp/subscription.h"

namespace rogerthat::mcp {

namespace {
constexpr Millis kSweepEvery = kSecond;
}

HttpShard::HttpShard(std::uint32_t own_number, net::Loop& own_loop, SessionDirectory& all_sessions,
                     Options options)
    : number(own_number),
      loop(own_loop),
      sessions(all_sessions),
      beats(std::max<Millis>(options.heartbeat, 1)),
      broken(std::max<Millis>(options.resume_window, 1)),
      options_(std::move(options)) {}

void HttpShard::give_up_broken() {
  while (broken.oldest() != nullptr) give_up_oldest();
}

void HttpShard::give_up_oldest() {
  net::Timed& oldest = *broken.oldest();
  net::TimerList::disarm(oldest);
  static_cast<Due&>(oldest).due(now());
}

Millis HttpShard::run_timers(Now now) {
  for (net::TimerList* list : {&beats, &broken}) {
    list->run(now.steady, [&](net::Timed& who) { static_cast<Due&>(who).due(now.steady); });
  }
  Millis due = std::min(beats.next_deadline(), broken.next_deadline());
  if (number != 0) return due;
  // One loop looks after the sessions: a stripe at a time, so that it never takes long.
  if (sessions.size() == 0) return due;
  if (now.steady >= next_sweep_) {
    sessions.sweep(next_stripe_, now.steady);
    next_stripe_ = (next_stripe_ + 1) % SessionDirectory::kStripes;
    next_sweep_ = now.steady + kSweepEvery;
  }
  return std::min(due, next_sweep_);
}

void HttpShard::charge_kept(std::size_t add, std::size_t remove) {
  kept_bytes_ = kept_bytes_ + add - remove;
  while (kept_bytes_ > kKeptBytesMax && broken.oldest() != nullptr) give_up_oldest();
}

void HttpShard::list_changed(List list) {
  for (Subscription* subscription : subscriptions) subscription->list_changed(list);
}

void HttpShard::drain() {
  draining_ = true;
  // Each takes itself out as it ends.
  const std::vector<Subscription*> listening(subscriptions.begin(), subscriptions.end());
  for (Subscription* subscription : listening) subscription->finish();
  const std::vector<GetStream*> open(get_streams.begin(), get_streams.end());
  for (GetStream* stream : open) stream->finish();
}

}  // namespace rogerthat::mcp
