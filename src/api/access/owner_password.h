// Owner passwords: comparing one takes too long for a loop, so that a worker thread does it; and
// how often one may be wrong.
#pragma once

#include <memory>
#include <string>

#include "api/access/auth.h"
#include "api/http/errors.h"
#include "hub/on_shards.h"
#include "hub/password_guesses.h"

namespace rogerthat::api {

// One try of a password, counted as a wrong one until it was right. Callers whom limits are not for
// have no guesser.
struct PasswordTry {
  std::optional<hub::PasswordGuesses::Guesser> guesser;
  hub::PasswordGuesses::Try counted;
};

// How an identity is known to have given the right password: a callsign alone may get another
// owner.
inline std::string identity_name(std::string_view callsign, std::string_view account) {
  return std::string(callsign) + '@' + std::string(account);
}

// `hash` is what the channel keeps of its password, salted: it stands for the channel here.
// `identity`: whom the caller has proved to be; empty: nobody. The error says when to come back.
Result<PasswordTry> begin_password_try(const Asker& asker, std::string_view hash,
                                       std::string identity);
void password_was_right(const Asker& asker, const PasswordTry& tried);
void password_was_not_tried(const Asker& asker, const PasswordTry& tried);

// Compares an owner password off the loop; then(whether it is right) runs on the asker's shard.
template <class Then>
void verify_owner_password(const Asker& asker, std::string_view password, std::string_view hash,
                           std::string identity, Then then) {
  struct Verification {
    Asker asker;
    std::string password, hash;
    PasswordTry tried;
    Then then;
    Result<bool> right = false;
  };
  auto tried = begin_password_try(asker, hash, std::move(identity));
  if (!tried) return then(Result<bool>(std::unexpected(tried.error())));
  auto verification = std::make_shared<Verification>(
      asker, std::string(password), std::string(hash), std::move(*tried), std::move(then));
  const bool begun = on_worker(
      asker.services.hub, asker.shard.number(), verification,
      [](Verification& v) { v.right = verify_password(v.password, v.hash); },
      [](const std::shared_ptr<Verification>& v) {
        if (*v->right) password_was_right(v->asker, v->tried);
        v->then(v->right);
      });
  if (begun) return;
  password_was_not_tried(asker, verification->tried);
  verification->then(std::unexpected(too_busy()));
}

}  // namespace rogerthat::api
