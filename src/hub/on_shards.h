// Work that cannot be done where it is asked for: on a worker thread (slow hashes, the disk), on
// another shard or on every shard in turn, and the way back. The state travels with it; what it
// holds is touched and released on the asker's own shard only.
#pragma once

#include <memory>
#include <utility>

#include "hub/hub.h"

namespace rogerthat::hub {

// work(state) on a worker, then back(state) on `shard`. False: the queue is full, see too_busy().
template <class State, class Work, class Back>
[[nodiscard]] bool on_worker(Hub& hub, std::uint32_t shard, const std::shared_ptr<State>& state,
                             const Work& work, const Back& back) {
  // A copy that can be moved on: what is captured of a reference to const stays const, and a job
  // that kept its share would release the state, and the right to answer, on the worker.
  auto job = [&hub, shard, state = std::shared_ptr<State>(state), work, back]() mutable {
    work(*state);
    hub.post(shard, [state = std::move(state), back] { back(state); });
  };
  return hub.workers().submit(std::move(job));
}

// visit(state, shard) on shard `there`, then back(state) on `home`.
template <class State, class Visit, class Back>
void on_shard(Hub& hub, std::uint32_t there, std::uint32_t home, std::shared_ptr<State> state,
              Visit visit, Back back) {
  hub.post(there, [&hub, there, home, state = std::move(state), visit, back]() mutable {
    visit(*state, hub.shard(there));
    hub.post(home, [state = std::move(state), back] { back(state); });
  });
}

// visit(state, shard) on every shard from `next` on, then back(state) on `home`.
template <class State, class Visit, class Back>
void on_every_shard(Hub& hub, std::uint32_t home, std::shared_ptr<State> state, Visit visit,
                    Back back, std::uint32_t next = 0) {
  if (next == hub.shard_count()) {
    hub.post(home, [state = std::move(state), back] { back(state); });
    return;
  }
  hub.post(next, [&hub, home, state = std::move(state), visit, back, next]() mutable {
    visit(*state, hub.shard(next));
    on_every_shard(hub, home, std::move(state), visit, back, next + 1);
  });
}

}  // namespace rogerthat::hub
