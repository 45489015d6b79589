// POST …/send. Lives here: reading a send in one pass over its body, and writing its answer. The
// way is hot: nothing is allocated that the message does not keep.
#pragma once

#include "api/acts/message_json.h"
#include "api/http/request_context.h"
#include "base/json.h"

namespace rogerthat::api {

// `request.command.to` views into the body or into `digits`, which must live as long.
struct SendInput {
  hub::SendRequest request;
  std::string digits;
};
Result<void> read_send(std::string_view body, SendInput& out);
Result<void> read_send(const std::optional<JsonValue>& fields, SendInput& out);

void write_send_answer(std::string& out, const hub::SendReply& reply,
                       const core::Channel* channel,  // null: the channel is gone
                       Attached attached = Attached::whole);
// The kind of limit that a send on that channel counts for.
hub::Limited limit_of_sends(const hub::ChannelEntry& entry);

void send(Call& call);

}  // namespace rogerthat::api
