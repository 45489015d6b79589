// Work that cannot be done where a request is: on a worker thread (slow hashes, the disk) or on
// every shard in turn. Lives here: the way there and back. The state travels with it and holds the
// right to answer, which is touched and released on its own shard only.
#pragma once

#include <memory>
#include <string>

#include "api/access/auth.h"
#include "api/http/errors.h"
#include "api/http/request_context.h"

namespace rogerthat::api {

inline Error too_busy() {
  return unavailable("The server has too much to do just now.", 1);
}

// work(state) on a worker, then back(state) on `shard`. False: the queue is full, see too_busy().
template <class State, class Work, class Back>
[[nodiscard]] bool on_worker(hub::Hub& hub, std::uint32_t shard,
                             const std::shared_ptr<State>& state, const Work& work,
                             const Back& back) {
  // A copy that can be moved on: what is captured of a reference to const stays const, and a job
  // that kept its share would release the state, and the right to answer, on the worker.
  auto job = [&hub, shard, state = std::shared_ptr<State>(state), work, back]() mutable {
    work(*state);
    hub.post(shard, [state = std::move(state), back] { back(state); });
  };
  return hub.workers().submit(std::move(job));
}

// Compares an owner password off the loop; then(whether it is right) runs on the asker's shard.
// `hash` is what the channel keeps of its password, salted: it stands for the channel here.
template <class Then>
void verify_owner_password(const Asker& asker, std::string_view password, std::string_view hash,
                           Then then) {
  struct Verification {
    Asker asker;
    std::string password, hash;
    Then then;
    Result<bool> right = false;
  };
  if (auto ok = take_password_guess(asker, hash); !ok) {
    return then(Result<bool>(std::unexpected(ok.error())));
  }
  auto verification = std::make_shared<Verification>(asker, std::string(password),
                                                     std::string(hash), std::move(then));
  const bool begun = on_worker(
      asker.services.hub, asker.shard.number(), verification,
      [](Verification& v) { v.right = verify_password(v.password, v.hash); },
      [](const std::shared_ptr<Verification>& v) {
        if (*v->right) give_back_password_guess(v->asker, v->hash);
        v->then(v->right);
      });
  if (begun) return;
  give_back_password_guess(asker, hash);
  verification->then(std::unexpected(too_busy()));
}

// visit(state, shard) on shard `there`, then back(state) on `home`.
template <class State, class Visit, class Back>
void on_shard(hub::Hub& hub, std::uint32_t there, std::uint32_t home, std::shared_ptr<State> state,
              Visit visit, Back back) {
  hub.post(there, [&hub, there, home, state = std::move(state), visit, back]() mutable {
    visit(*state, hub.shard(there));
    hub.post(home, [state = std::move(state), back] { back(state); });
  });
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
