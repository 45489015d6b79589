#include "api/access/channel_door.h"

namespace rogerthat::api {

constexpr Door kRestDoor{
    .missing = "This channel asks for its join_token.",
    .missing_hint =
        "Send 'Authorization: Bearer <join_token>' with the join_token of this channel.",
    .wrong_token = "This is not the join_token of this channel.",
    .wrong_token_hint =
        "Send 'Authorization: Bearer <join_token>' with the join_token of this channel.",
};

constexpr Door kEndpointDoor{
    .hub_token_opens = true,
    .open_at_home = true,
    .missing = "This channel asks for its join_token.",
    .missing_hint =
        "Send 'Authorization: Bearer <join_token>' with the join_token of this "
        "channel, or the hub's own token.",
    .wrong_token = "This is not the join_token of this channel.",
    .wrong_token_hint =
        "Send 'Authorization: Bearer <join_token>' with the join_token of this "
        "channel, or the hub's own token.",
};

// The bearer of a tool call is for the endpoint that it came to, and may be for another channel.
constexpr Door kToolDoor{
    .asks_on_bands = false,
    .takes_bearer = false,
    .handle_opens = HandleOpens::if_minted,
    .missing_code = ErrorCode::not_joined,
    .missing = "This call names no channel that you have joined.",
    .missing_hint = "Call join first, or pass channel_id and session as join gave them to you.",
    .wrong_handle = "session is not a handle that join has given.",
    .wrong_handle_hint = "Call join with channel_id and token, and keep the session it returns.",
};

constexpr Door kJoinDoor{
    .asks_on_bands = false,
    .takes_bearer = false,
    .handle_opens = HandleOpens::if_known,
    .missing = "token is missing: this channel asks for its join_token.",
    .missing_hint = "It stands in the invitation. Only bands need none.",
    .wrong_token = "token is not the join_token of this channel.",
    .wrong_token_hint = "Ask whoever invited you for the invitation, word for word.",
};

namespace {

Error unauthorized(std::string_view message, std::string_view hint) {
  return {ErrorCode::unauthorized, std::string(message), std::string(hint)};
}

bool handle_opens(const Asker& asker, const hub::ChannelEntry& entry, HandleOpens opens,
                  std::string_view handle) {
  if (opens == HandleOpens::nothing || !asker.services.session_ids.minted_here(handle))
    return false;
  if (opens == HandleOpens::if_minted) return true;
  const auto session = entry.channel.find_session(handle, asker.shard.now());
  return session || session.error().code == ErrorCode::session_expired;
}

}  // namespace

Result<void> may_use(const Asker& asker, const hub::ChannelEntry& entry, const Door& door,
                     const Shown& shown) {
  const core::ChannelRecord& record = entry.record;
  if (record.options.band) {
    if (!door.asks_on_bands) return {};
    return require_hub_token(asker, shown.credentials);
  }
  if (shown.let_in_before) return {};

  const std::string_view sent = bearer(shown.credentials.authorization).value_or("");
  const std::string_view token = shown.token.empty() ? sent : shown.token;
  const bool by_hub_token = door.hub_token_opens && !shown.credentials.hub_token.empty();
  const bool some = !token.empty() || by_hub_token;
  if (some && door.hub_token_opens) {
    // What people choose can be guessed: not even a right one counts beyond the limit.
    if (auto ok = may_guess(asker); !ok) return ok;
    if (holds_hub_token(asker.services, shown.credentials)) return {};
  }
  if (!token.empty() && is_secret(token, record.token_hash)) return {};
  if (some && (door.takes_bearer || !shown.token.empty())) {
    return std::unexpected(
        wrong_secret(asker, unauthorized(door.wrong_token, door.wrong_token_hint)));
  }
  const bool at_home = door.open_at_home && shown.at_this_machine;
  if (at_home && !some && !asker.services.options.hub_token) return {};

  if (!shown.handle.empty() && door.handle_opens != HandleOpens::nothing) {
    if (auto ok = may_guess(asker); !ok) return ok;
    if (handle_opens(asker, entry, door.handle_opens, shown.handle)) return {};
    if (!door.wrong_handle.empty()) {
      return std::unexpected(
          wrong_secret(asker, unauthorized(door.wrong_handle, door.wrong_handle_hint)));
    }
  }
  return fail(door.missing_code, std::string(door.missing), std::string(door.missing_hint));
}

}  // namespace rogerthat::api
