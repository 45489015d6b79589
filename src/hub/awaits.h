// A send that is not answered yet: it waits for the disk, or its sender awaits what becomes of the
// message. shard_send.cpp takes it to its end, shard_awaits.cpp knows when an await has ended.
#pragma once

#include <utility>

#include "hub/shard.h"

namespace rogerthat::hub {

struct Sending {
  core::MemberNo from = core::kNone;
  core::MemberNo to = core::kEveryone;
  AwaitFor awaited = AwaitFor::nothing;
  Millis await_time = 0;
  AwaitId await_id = 0;
  Millis deadline = 0;  // steady; of the await, once it has begun
  SendReply reply;
  Done<SendReply> done;  // empty: its sender has been told that the disk refuses

  void answer(Result<SendReply> result) {
    if (auto first = std::exchange(done, nullptr)) first(std::move(result));
  }
};

}  // namespace rogerthat::hub
