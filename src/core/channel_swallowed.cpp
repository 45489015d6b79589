// What an inbox swallows: messages of a sender that its owner blocks. The sender must not notice,
// so its answers are those that it would get if what it sends lay there: `queued`, "full", a
// repetition. Nothing of it is kept but counts, and these not over a restart.
#include <algorithm>
#include <utility>

#include "core/channel.h"

namespace rogerthat::core {

// Who sends the same again is told the same.
void Channel::drop(Posted posted) {
  const Message& message = posted.message;
  use_status_id(message.id);
  if (!swallowed_) swallowed_ = std::make_unique<SwallowedSends>();
  Swallowed& swallowed = swallowed_->by_sender[message.from];
  if (swallowed.last <= given_through(message.to)) {
    swallowed.unread = 0;
    swallowed.unread_bytes = 0;
  }
  swallowed.last = message.id;
  ++swallowed.unread;
  swallowed.unread_bytes += message.weight();
  if (posted.client_id.empty()) return;
  remember_sent(message.from, SentMemory{std::move(posted.client_id), posted.body_hash, message.id,
                                         message.at, message.to, true});
}

bool Channel::take_swallowed(MemberNo from, MemberNo to, MessageId id) {
  if (!swallowed_) return false;  // the sender has been forgotten since
  Swallowed& swallowed = swallowed_->by_sender[from];
  bool taken = false;
  for (ReaderNo r = members_[to].first_reader; r != kNone; r = readers_[r].next) {
    const Reader& reader = readers_[r];
    const bool there = reader.kind == ReaderKind::stream || reader.newest >= swallowed.taken;
    if (reader.waiting && !reader.blocked && reader.hold == 0 && there) taken = true;
  }
  if (!taken) return false;
  swallowed.taken = id;
  swallowed_->given = std::max(swallowed_->given, id);
  return true;
}

// The owner has been handed what there was up to here, or would have been.
MessageId Channel::given_through(MemberNo owner) const {
  return std::max(members_[owner].handed, swallowed_ ? swallowed_->given : 0);
}

// A ring lets go of what nobody has read; an inbox takes no more.
bool Channel::is_full(const Message& message, bool swallowed) const {
  const MessageId handed = members_[message.to].handed;
  std::size_t count = options_.ring_size;
  std::size_t bytes = options_.ring_bytes;
  if (swallowed && swallowed_) {
    const auto known = swallowed_->by_sender.find(message.from);
    const bool unread =
        known != swallowed_->by_sender.end() && known->second.last > given_through(message.to);
    if (unread && known->second.unread >= count) return true;
    if (unread && known->second.unread_bytes + message.weight() > bytes) return true;
    if (unread) {
      count -= known->second.unread;
      bytes -= known->second.unread_bytes;
    }
  }
  return ring_.dropped_through_after(message.weight(), count, bytes) > handed;
}

}  // namespace rogerthat::core
