// What a model reads of a channel: short lines, of which every one at column zero is the hub's.
// Pure functions from the core's values to text. What peers wrote goes through
// peer_text.h.
//
//   #1763722000000 bob → you [urgent, reply to #1763721999000]: first line
//     | second line
//     + image/png "plan.png" 12.3 KiB
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/channel.h"
#include "hub/receiver.h"
#include "hub/roster_page.h"

namespace rogerthat::api {

// One message, with its line break. `viewer`: who reads, kNone for somebody without a session.
void append_message(std::string& out, const core::Channel& channel, const core::Message& message,
                    core::MemberNo viewer);

// What came for a session: whose words follow and what they are worth, then the messages, then what
// the hub has to say about them.
std::string received_text(const core::Channel& channel, const core::Pending& pending,
                          core::SessionNo session, bool loop_warning);
// What a receive says that brought nothing. `waited`: how long it was to wait.
std::string nothing_text(hub::EndReason reason, Millis waited);
std::string history_text(const core::Channel& channel,
                         std::span<const core::Message* const> messages, core::MemberNo viewer);
std::string roster_text(const core::Channel& channel, core::MemberNo viewer,
                        const hub::RosterPage& page);
// "alpha (you), bravo, carol \"reviews code\"": who is on, in join order.
std::string live_text(const core::Channel& channel, core::MemberNo viewer, std::size_t max);

// The sentence that goes before peers' words.
std::string_view whose_words(core::TrustPosture posture);

}  // namespace rogerthat::api
