// What a poll is answered with, as JSON: by REST and as the result of a tool; the encoding of a
// listen and of a wait, with messages and without.
#pragma once

#include "api/acts/message_json.h"
#include "core/command.h"
#include "hub/receiver.h"

namespace rogerthat::api {

enum class PollForm : std::uint8_t {
  listen,
  wait,
  inbox,  // of direct messages
};

void write_received(JsonWriter& json, const core::Channel& channel, const core::Pending& pending,
                    PollForm form, bool loop_warning, Attached attached = Attached::whole);
// `channel` null: it is gone.
void write_nothing_received(JsonWriter& json, const core::Channel* channel, PollForm form,
                            hub::EndReason reason);
// What the reader of a displaced poll is told; empty for other ends.
std::string_view displaced_text(hub::EndReason reason);

}  // namespace rogerthat::api
