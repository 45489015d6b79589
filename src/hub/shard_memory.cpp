// What a shard does when its channels hold more than they may: the attachments of channels in
// memory that nobody uses just now go first, then the oldest messages of the fattest rings. Readers
// are told of both. What a durable channel has let go is off the disk as well, as when its ring is
// full: the disk is read at the start only.
//
// Inboxes are left alone, for a direct message that was accepted is kept until it is read. Where
// they hold too much, they take no more: the fattest first.
#include "hub/shard.h"

namespace rogerthat::hub {

namespace {

constexpr Millis kIdle = 5 * kMinute;    // a channel in memory that nobody has used for so long
constexpr std::size_t kIdleLooks = 64;   // channels looked at to find one
constexpr std::size_t kStepsAhead = 64;  // beyond what must go at once
constexpr std::size_t kInboxShare = 2;   // inboxes may hold one of so many parts
constexpr std::size_t kInboxAlways = 64 << 10;  // ... and a single one so much all the same

}  // namespace

void Shard::weigh(const ChannelEntry& entry) {
  holdings_.weigh(entry.handle.slot, entry.channel);
  held_.store(holdings_.total(), std::memory_order_relaxed);
}

void Shard::weigh_no_more(const ChannelEntry& entry) {
  holdings_.forget(entry.handle.slot);
  held_.store(holdings_.total(), std::memory_order_relaxed);
}

// Some more goes than must, so that not every send that follows has to make room.
void Shard::make_room() {
  const std::size_t enough = memory_max_ - memory_max_ / 16;
  std::size_t steps = 0;
  const auto go_on = [&] {
    return holdings_.total() > memory_max_ || (holdings_.total() > enough && steps++ < kStepsAhead);
  };
  while (go_on()) {
    ChannelEntry* const idle = fattest_idle_attachments();
    if (idle == nullptr) break;
    stats_.evicted_attachments += idle->channel.let_go_of_attachments(holdings_.total() - enough);
    weigh(*idle);
  }
  while (go_on()) {
    ChannelEntry* fattest = nullptr;
    holdings_.rings().heaviest_first([&](std::uint32_t slot) {
      fattest = entries_[slot].get();
      return true;
    });
    if (fattest == nullptr) break;
    const std::size_t bytes = fattest->channel.ring().bytes();
    const std::size_t into_lower_class = bytes - WeightClasses::class_begins(bytes) + 1;
    evict(*fattest, std::min(holdings_.total() - enough, into_lower_class));
  }
}

ChannelEntry* Shard::fattest_idle_attachments() {
  ChannelEntry* found = nullptr;
  std::size_t looks = 0;
  holdings_.attached().heaviest_first([&](std::uint32_t slot) {
    ChannelEntry& entry = *entries_[slot];
    const bool idle = entry.channel.readers_attached() == 0 &&
                      now_.wall - entry.channel.last_activity_at() >= kIdle;
    if (idle) found = &entry;
    return idle || ++looks >= kIdleLooks;
  });
  return found;
}

// The rows of a durable channel go from the disk with their messages. That they have gone must be
// on it before, or whoever reads after a crash would not be told.
void Shard::evict(ChannelEntry& entry, std::size_t bytes) {
  stats_.evicted_messages += entry.channel.let_go(bytes);
  weigh(entry);
  if (!entry.record.options.durable) return;
  write_snapshot(entry);
  forget_released(entry);
}

Result<void> Shard::room_in_inbox(ChannelEntry& entry) {
  if (holdings_.inboxes() <= memory_max_ / kInboxShare) return {};
  const core::Ring& ring = entry.channel.ring();
  if (ring.bytes() > kInboxAlways) {
    entry.channel.forget_read(std::numeric_limits<Millis>::max());
    forget_released(entry);
    weigh(entry);
  }
  if (holdings_.inboxes() <= memory_max_ && ring.bytes() <= kInboxAlways) return {};
  return fail(ErrorCode::rate_limited,
              "This server holds as many unread direct messages as it may.",
              "Try again when some of them have been read.");
}

}  // namespace rogerthat::hub
