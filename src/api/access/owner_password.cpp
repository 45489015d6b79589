#include "api/access/owner_password.h"

#include <fmt/format.h>

namespace rogerthat::api {

namespace {

using hub::PasswordGuesses;

std::string key_text(const net::IpAddress& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()};
}

Error come_later(const PasswordGuesses::Try& tried) {
  Error error{ErrorCode::rate_limited,
              "Too many wrong owner passwords have come from here to this channel."};
  if (tried.interval > 0) {
    error.message = fmt::format(
        "Many wrong owner passwords have come to this channel: from addresses and identities that "
        "have not given the right one before it takes one every {} minutes.",
        tried.interval / kMinute);
  }
  error.retry_after_seconds = (tried.wait + kSecond - 1) / kSecond;
  error.hint = fmt::format("Wait {} s, or join without it.", error.retry_after_seconds);
  return error;
}

}  // namespace

Result<PasswordTry> begin_password_try(const Asker& asker, std::string_view hash,
                                       std::string identity) {
  PasswordTry out;
  if (!asker.limited) return out;
  out.guesser = {std::string(hash), key_text(asker.address), key_text(asker.address.owner_key()),
                 std::move(identity)};
  out.counted = asker.services.password_guesses->begin(*out.guesser, asker.shard.now().steady);
  if (out.counted.wait == 0) return out;
  asker.services.counters.refuse(asker.shard.number(), watch::RefusalReason::rate_limited);
  return std::unexpected(come_later(out.counted));
}

void password_was_right(const Asker& asker, const PasswordTry& tried) {
  if (tried.guesser) asker.services.password_guesses->right(*tried.guesser, tried.counted);
}

void password_was_not_tried(const Asker& asker, const PasswordTry& tried) {
  if (tried.guesser) asker.services.password_guesses->give_back(*tried.guesser, tried.counted);
}

}  // namespace rogerthat::api
