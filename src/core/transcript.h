// What a transcript keeps of what happened: the retention modes to the letter. Pure, no storage.
#pragma once

#include <optional>

#include "core/channel.h"
#include "core/event.h"

namespace rogerthat::core {

TranscriptEntry created_entry(Retention retention, Millis at);
// nullopt: this retention keeps no trace of it.
std::optional<TranscriptEntry> joined_entry(Retention retention, std::string_view callsign,
                                            Millis at);
std::optional<TranscriptEntry> left_entry(Retention retention, std::string_view callsign,
                                          Millis at);
// `first`: the sender has no message in the transcript yet.
std::optional<TranscriptEntry> message_entry(Retention retention, const Message& message,
                                             std::string_view from, std::string_view to,
                                             bool first);

}  // namespace rogerthat::core
