// Messages, gaps and rosters as JSON, exactly as the contract writes them: what is not set is
// absent. Here, because answers, webhooks and streams say the same. No decisions on who sees what.
#pragma once

#include <span>
#include <string>

#include "base/json.h"
#include "core/channel.h"

namespace rogerthat::hub {

std::uint64_t attached_bytes(const core::Attachment& attachment);  // decoded

// Attachments as they were sent, or {mime, filename?, bytes} in their place.
enum class Attached : std::uint8_t { whole, named };

void write_message(JsonWriter& json, const core::Channel& channel, const core::Message& message,
                   Attached attached = Attached::whole);
// ... leaving the object open for further fields.
void begin_message(JsonWriter& json, const core::Channel& channel, const core::Message& message,
                   Attached attached = Attached::whole);
void write_messages(JsonWriter& json, const core::Channel& channel,
                    std::span<const core::Message* const> messages,
                    Attached attached = Attached::whole);
void write_gap(JsonWriter& json, const core::Gap& gap);

// Live callsigns, sorted; at most `max`.
void write_roster(JsonWriter& json, const core::Channel& channel, std::size_t max);
// Who is on, at that place in join order: {idx, callsign, joined_at, intro?, verified?}.
void write_live(JsonWriter& json, const core::Channel& channel, const core::Session& session,
                std::size_t place);
// In join order: [{idx, callsign, joined_at, intro?, verified?}].
void write_roster_with_index(JsonWriter& json, const core::Channel& channel, std::size_t max);

}  // namespace rogerthat::hub
