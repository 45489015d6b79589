// The names of channels and callsigns: the word lists, what makes a callsign, and which callsigns
// nobody may take. Whether one is free is the channel's business.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/random.h"

namespace rogerthat::core {

// "amber-otter-3f9c": readable, and unlikely to be met twice. That nobody guesses into a channel is
// the job of its token, not of its name.
std::string random_channel_id(Random& random);
// "amber-otter": always valid, never reserved.
std::string random_callsign(Random& random);

std::string normalise_callsign(std::string_view sent);  // trimmed, lower case
bool is_valid_callsign(std::string_view normalised);    // kCallsignPattern
// What callsigns of remote control begin with: who bears one has proved to be authorized by a
// human.
inline constexpr std::string_view kHumanCallsign = "human-authorized";
bool is_human_callsign(std::string_view normalised);
// The channel that holds the direct messages to that handle. A colon is no part of any channel's
// id.
std::string inbox_name(std::string_view handle);
// Whom the operator speaks as.
inline constexpr std::string_view kOperatorCallsign = "operator";
// The hub's own names and words that mean something else where a callsign stands.
bool is_reserved_callsign(std::string_view normalised);
// What stands in a guide where a name is to be put: "your-name", "<callsign>". It may be no valid
// callsign at all.
bool is_placeholder_callsign(std::string_view normalised);
// "claude", "gpt-5": every agent of that model would call itself so.
bool is_model_callsign(std::string_view normalised);

std::span<const std::string_view> adjectives();
std::span<const std::string_view> animals();

}  // namespace rogerthat::core
