// Looking, whoever asks for it: by REST or as a tool. A message with what became of it, and
// history.
#pragma once

#include <string>

#include "base/error.h"
#include "hub/message_json.h"
#include "hub/shard.h"

namespace rogerthat::api {

// Where a page of the roster is asked for by what is none.
Error no_such_page();
// There is no such message, or it does not concern the caller: the same words for both.
Error unknown_message();
// For the sender and for whoever it was sent to; anybody else hears that there is none.
Result<void> write_message_state(std::string& body, hub::Shard& shard, hub::ChannelEntry& entry,
                                 core::SessionNo session, core::MessageId id,
                                 hub::Attached attached = hub::Attached::whole);

}  // namespace rogerthat::api
