// A sender that waits for what becomes of its message. Lives here: the record; shard_send.cpp
// decides when it has ended.
#pragma once

#include "hub/shard.h"

namespace rogerthat::hub {

struct AwaitEntry {
  core::MessageId id = 0;
  core::MemberNo from = core::kNone;
  core::MemberNo to = core::kEveryone;
  AwaitFor what = AwaitFor::nothing;
  Millis deadline = 0;  // steady
  std::uint64_t waiter = 0;
  SendReply reply;
  Done<SendReply> done;
};

}  // namespace rogerthat::hub
