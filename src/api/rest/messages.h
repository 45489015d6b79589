// GET …/messages/{id}: a message and what became of it.
#pragma once

#include "api/acts/message_json.h"
#include "api/http/request_context.h"

namespace rogerthat::api {

// For the sender and for whoever it was sent to; anybody else hears that there is none.
Result<void> write_message_state(std::string& body, hub::Shard& shard, hub::ChannelEntry& entry,
                                 core::SessionNo session, core::MessageId id,
                                 Attached attached = Attached::whole);

void message(Call& call);

}  // namespace rogerthat::api
