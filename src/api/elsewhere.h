// Work that cannot be done where a request is: on a worker thread (slow hashes, the disk) or on
// every shard in turn. Lives here: the way there and back. The state travels with it and holds the
// Answer, which is touched and released on its own shard only.
#pragma once

#include <memory>

#include "api/auth.h"
#include "api/errors.h"
#include "api/request_context.h"

namespace rogerthat::api {

// work(state) on a worker, then back(state) on `shard`. A full queue is answered with 503.
template <class State, class Work, class Back>
void on_worker(hub::Hub& hub, std::uint32_t shard, const std::shared_ptr<State>& state,
               const Work& work, const Back& back) {
  auto job = [&hub, shard, state, work, back]() mutable {
    work(*state);
    hub.post(shard, [state = std::move(state), back] { back(state); });
  };
  if (!hub.workers().submit(std::move(job))) {
    state->answer.error(unavailable("The server has too much to do just now.", 1));
  }
}

// Compares an owner password off the loop, then then(state, guesser, right) on the call's shard.
template <class State, class Then>
void verify_owner_password(const Call& call, std::shared_ptr<State> state, std::string password,
                           std::string hash, Then then) {
  struct Verification {
    Answer& answer;
    std::shared_ptr<State> state;
    Guesser guesser;
    std::string password, hash;
    bool right = false;
  };
  Answer& answer = state->answer;
  auto verification = std::make_shared<Verification>(answer, std::move(state), guesser(call),
                                                     std::move(password), std::move(hash));
  on_worker(
      call.services.hub, call.shard.number(), verification,
      [](Verification& v) { v.right = verify_password(v.password, v.hash); },
      [then](const std::shared_ptr<Verification>& v) { then(v->state, v->guesser, v->right); });
}

// visit(state, shard) on every shard from `next` on, then back(state) on `home`.
template <class State, class Visit, class Back>
void on_every_shard(hub::Hub& hub, std::uint32_t home, std::shared_ptr<State> state, Visit visit,
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

}  // namespace rogerthat::api
