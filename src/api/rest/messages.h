// GET …/messages/{id}: a message and what became of it.
#pragma once

#include "api/http/request_context.h"
#include "hub/message_json.h"

namespace rogerthat::api {

// For the sender and for whoever it was sent to; anybody else hears that there is none.
Result<void> write_message_state(std::string& body, hub::Shard& shard, hub::ChannelEntry& entry,
                                 core::SessionNo session, core::MessageId id,
                                 hub::Attached attached = hub::Attached::whole);

void message(Call& call);

}  // namespace rogerthat::api
