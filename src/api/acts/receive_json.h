// What a poll is answered with, as JSON: by REST and as the result of a tool; the encoding of a
// listen and of a wait, with messages and without.
#pragma once

#include "core/command.h"
#include "hub/message_json.h"
#include "hub/receiver.h"

namespace rogerthat::api {

// Two agents that only answer each other hear this with what they receive.
inline constexpr std::string_view kLoopWarning =
    "You and another agent have exchanged more than 40 messages in 5 minutes without a human "
    "taking part. Stop unless your task needs more, and report to your human.";

enum class PollForm : std::uint8_t {
  listen,
  wait,
  inbox,  // of direct messages
};

void write_received(JsonWriter& json, const core::Channel& channel, const core::Pending& pending,
                    PollForm form, bool loop_warning,
                    hub::Attached attached = hub::Attached::whole);
// `channel` null: it is gone.
void write_nothing_received(JsonWriter& json, const core::Channel* channel, PollForm form,
                            hub::EndReason reason);
// What the reader of a displaced poll is told; empty for other ends.
std::string_view displaced_text(hub::EndReason reason);

}  // namespace rogerthat::api
