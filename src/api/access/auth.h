// Who may do what: the hub token, sessions, the operator, and the limits on guessing. Channels have
// their own doors (channel_door.h). Passwords of owners are verified off the loop
// (owner_password.h): they take too long for a loop.
#pragma once

#include <optional>
#include <string_view>

#include "api/http/request_context.h"
#include "base/error.h"

namespace rogerthat::api {

// Who asks: whom limits count, kept for when an outcome is known only after the request has gone.
struct Asker {
  const Services& services;
  hub::Shard& shard;
  net::IpAddress address;  // its limit_key()
  bool limited = true;
};
Asker asker(const Call& call);

// What came with a request to prove something. Empty: absent.
struct Credentials {
  std::string_view authorization;
  std::string_view hub_token;
};
inline Credentials credentials(const Call& call) {
  return {call.headers.authorization, call.headers.hub_token};
}

// The credential of an Authorization header; nullopt: none, or another scheme.
std::optional<std::string_view> bearer(std::string_view authorization);
bool is_secret(std::string_view given, const Digest& hash);  // constant time
bool holds_hub_token(const Services& services, const Credentials& given);

// Where the operator has set a hub token, it must have come along.
Result<void> require_hub_token(const Asker& asker, const Credentials& given);
Error no_such_channel();

// The channel of this call, for callers who may use it.
Result<hub::ChannelEntry*> authorised_channel(Call& call);
Result<hub::ChannelEntry*> any_channel(Call& call);  // it exists; no credential asked

// The live session that X-Session-Id names; required.
Result<core::SessionNo> required_session(Call& call, hub::ChannelEntry& entry);
// ... or kNone where the header is absent.
Result<core::SessionNo> optional_session(Call& call, hub::ChannelEntry& entry);

// /metrics: callers at this machine, and holders of the admin token.
Result<void> authorise_operations(Call& call);

// Takes one of the asker's requests of that kind; the error says when to come back.
Result<void> take_limit(const Asker& asker, hub::Limited what);
// A send's limit, with what its answer says of it (also when limits are off).
enum class Counting : std::uint8_t { take, look };
hub::LimitState send_limit(const Asker& asker, hub::Limited what, Counting counting);
hub::Limited limit_of_sends(
    const hub::ChannelEntry& entry);  // the kind that a send there counts for
Error limit_error(hub::Limited what, const hub::LimitState& state);

// Guesses: refused while there were too many wrong ones; wrong_secret() counts one.
Result<void> may_guess(const Asker& asker);
Error wrong_secret(const Asker& asker, Error error);

}  // namespace rogerthat::api
