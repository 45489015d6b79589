// Who may do what: the hub token, channel tokens, sessions, and the limits on guessing. Lives here:
// reading credentials and comparing them. Passwords of owners are verified elsewhere (join.cpp,
// transcript.cpp): they take too long for a loop.
#pragma once

#include <optional>
#include <string_view>

#include "api/request_context.h"
#include "base/error.h"

namespace rogerthat::api {

// The credential of an Authorization header; nullopt: none, or another scheme.
std::optional<std::string_view> bearer(std::string_view authorization);

// The channel of this call, for callers who may use it.
Result<hub::ChannelEntry*> authorised_channel(Call& call);
Result<hub::ChannelEntry*> any_channel(Call& call);  // it exists; no credential asked

// The live session that X-Session-Id names; required.
Result<core::SessionNo> required_session(Call& call, hub::ChannelEntry& entry);
// ... or kNone where the header is absent.
Result<core::SessionNo> optional_session(Call& call, hub::ChannelEntry& entry);

// Creation: the hub token where one is set, and no account session that we don't know.
Result<void> authorise_creation(Call& call);
// /metrics: direct loopback callers and holders of the admin token.
Result<void> authorise_operations(Call& call);

// Takes one of the caller's requests of that kind; the error says when to come back.
Result<void> take_limit(const Call& call, hub::Limited what);
// A send's limit, with what its answer says of it (also when limits are off).
enum class Counting : std::uint8_t { take, look };
hub::LimitState send_limit(const Call& call, hub::Limited what, Counting counting);
Error limit_error(hub::Limited what, const hub::LimitState& state);

// Guesses: refused while there were too many wrong ones; wrong_secret() counts one. A Guesser is
// who guesses, kept for when the outcome is known only after the request has gone.
struct Guesser {
  const Services& services;
  hub::Shard& shard;
  net::IpAddress address;
  bool limited = true;
};
Guesser guesser(const Call& call);
Result<void> may_guess(const Call& call);
Error wrong_secret(const Guesser& guesser, Error error);

}  // namespace rogerthat::api
