// Owner passwords: comparing one takes too long for a loop, so that a worker thread does it.
#pragma once

#include <memory>
#include <string>

#include "api/access/auth.h"
#include "api/http/errors.h"
#include "hub/on_shards.h"

namespace rogerthat::api {

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

}  // namespace rogerthat::api
