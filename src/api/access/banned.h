// Those whom the operator has shut out or sent off, as a request meets it. Asking
// whether somebody is, for all ways in, and what they are told.
#pragma once

#include <optional>
#include <string_view>

#include "api/access/auth.h"

namespace rogerthat::api {

// The address of a call, on the whole server or on the channel that its route is for.
Result<void> admit(const Call& call);
// ... and on a channel that is named otherwise.
Result<void> admit_to(const Asker& asker, std::string_view channel);
// An identity where it is on no channel: direct messages.
Result<void> admit_identity(const Asker& asker, std::string_view callsign,
                            std::string_view account);

// As Shard::session(); who was banned is told so.
Result<core::SessionNo> live_session(const Asker& asker, hub::ChannelEntry& entry,
                                     std::string_view session_id);

// What somebody who waited is told when the operator has ended it; nullopt: it ended otherwise.
std::optional<Error> ended_by_operator(hub::EndReason reason);

}  // namespace rogerthat::api
