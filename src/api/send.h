// POST …/send. Lives here: reading a send in one pass over its body, and writing its answer. The
// way is hot: nothing is allocated that the message does not keep.
#pragma once

#include "api/request_context.h"

namespace rogerthat::api {

// `request.command.to` views into the body or into `digits`, which must live as long.
struct SendInput {
  hub::SendRequest request;
  std::string digits;
};
Result<void> read_send(std::string_view body, SendInput& out);

void write_send_answer(std::string& out, const hub::SendReply& reply,
                       const core::Channel* channel);  // null: the channel is gone

void send(Call& call);

}  // namespace rogerthat::api
