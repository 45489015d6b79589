// Whether a caller may use a channel: the one place that decides it, whichever way somebody comes.
// A way is a Door: a row that says what opens it beside the channel's join_token, and what those
// are told whom it does not let in. Who may see more than a member is in channel_caller.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/access/auth.h"

namespace rogerthat::api {

// What the handle of a session is worth where no token has come along.
enum class HandleOpens : std::uint8_t {
  nothing,
  if_minted,  // by this hub: nobody guesses one, and what it is used for asks whether it is live
  if_known,   // ... and it is or was a session of this channel: to come back by it
};

struct Door {
  bool asks_on_bands = true;  // for the hub's token, where there is one; false: it has been asked
  bool takes_bearer = true;   // for the join_token, so that a wrong one is a wrong guess
  bool hub_token_opens = false;  // in place of the join_token
  bool open_at_home = false;     // to who is at this machine, where the hub has no token
  HandleOpens handle_opens = HandleOpens::nothing;
  ErrorCode missing_code = ErrorCode::unauthorized;
  std::string_view missing = {}, missing_hint = {};            // nothing was shown
  std::string_view wrong_token = {}, wrong_token_hint = {};    // a token that is not this channel's
  std::string_view wrong_handle = {}, wrong_handle_hint = {};  // empty: as if nothing was shown
};
extern const Door kRestDoor;      // /api/channels/{channel}/…
extern const Door kEndpointDoor;  // /mcp/{channel}
extern const Door kToolDoor;      // a tool, on a channel that was joined before
extern const Door kJoinDoor;      // the tool that joins

// What somebody shows to use a channel. Empty: nothing of the kind.
struct Shown {
  Credentials credentials = {};  // headers of the request
  std::string_view token = {};   // named in the call itself: goes before the bearer
  std::string_view handle = {};
  bool let_in_before = false;  // its endpoint has asked, or this MCP session has joined it
  bool at_this_machine = false;
};

// A wrong token or handle counts as a guess, of which an address has a few.
Result<void> may_use(const Asker& asker, const hub::ChannelEntry& entry, const Door& door,
                     const Shown& shown);

}  // namespace rogerthat::api
