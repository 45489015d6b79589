// Receiving: GET …/listen, …/wait and …/stream. Reading the request and starting the
// receiver; what the receivers write is in poll_receiver.cpp and stream_receiver.cpp.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

// Last-Event-ID or the parameter `since`.
Result<std::optional<core::MessageId>> read_since(const Call& call);
// The parameter `timeout`, capped.
Result<Millis> read_timeout(const Call& call, Millis fallback, Millis max);

void listen(Call& call);
void wait(Call& call);
void stream(Call& call);

}  // namespace rogerthat::api
