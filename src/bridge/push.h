// A message on its way into a client's context: how it is shown as a notification of
// claude/channel, by the same rules as in a tool's answer.
#pragma once

#include <string>
#include <string_view>

#include "client/incoming.h"
#include "core/types.h"

namespace rogerthat::bridge {

// The params of notifications/claude/channel. `callsign`: who reads.
std::string push_params(const client::Incoming& message, std::string_view channel,
                        std::string_view callsign, core::TrustPosture posture);

// The same for many messages that are not pushed one by one.
std::string flood_params(std::size_t count, std::string_view channel);

// The same line as it stands in the answer of a receive.
std::string status_line(const client::Incoming& status, std::string_view callsign);

// The bridge is not on the channel, and does not try again by itself.
std::string given_up_params(std::string_view trouble, std::string_view channel);

// The hub's operator has ended the session.
std::string dismissal_params(std::string_view why, std::string_view channel);

}  // namespace rogerthat::bridge
