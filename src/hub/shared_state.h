// State that one shard owns and every shard looks at: the directory of accounts, webhooks, bans.
// The first shard decides and journals every change; looking is for every thread, under a shared
// lock, because a join or a send must not wait for another shard to learn what applies to it.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "base/error.h"
#include "hub/shard.h"

namespace rogerthat::hub {

class Hub;

inline constexpr std::uint32_t kOwnerShard = 0;

// The records that make a change last.
using Records = std::vector<store::RecordChange>;

// Runs on the first shard: `decide` makes the change and gives its records; when they are on stable
// storage, or the disk refuses, `done` runs there as well.
void change_on_owner(Hub& hub, std::move_only_function<Result<Records>(Millis wall)> decide,
                     Done<void> done);

// What whoever asked is told while the disk refuses.
Error not_stored();

// Runs `done` on shard `asking`.
void answer_on(Hub& hub, std::uint32_t asking, Done<void> done, Result<void> result);

template <class State>
class SharedState {
 public:
  explicit SharedState(Hub& hub) : hub_(hub) {}

  // Any thread. `look` is quick, and keeps no reference into the state.
  template <class Look>
  auto read(Look look) const {
    const std::shared_lock lock(mutex_);
    return look(state_);
  }

  // decide(state, wall) -> Result<Records>: refuses and leaves the state as it is, or changes it.
  // What it has changed counts from that moment. `done` is called on the first shard.
  template <class Decide>
  void change(Decide decide, Done<void> done) {
    change_on_owner(
        hub_,
        [this, decide = std::move(decide)](Millis wall) mutable {
          const std::unique_lock lock(mutex_);
          return decide(state_, wall);
        },
        std::move(done));
  }

  // On the first shard, or in recovery, before any shard serves: changes the state, and leaves the
  // records to the caller.
  template <class Alter>
  auto alter(Alter alter) {
    const std::unique_lock lock(mutex_);
    return alter(state_);
  }

 private:
  Hub& hub_;
  mutable std::shared_mutex mutex_;  // guards state_; written on the first shard only
  State state_;
};

}  // namespace rogerthat::hub
