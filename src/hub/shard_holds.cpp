// Receives in doubt. Ordinary clients pool connections: the next poll comes on another one while
// the answer before it lies unacknowledged, because the peer's kernel sits on acknowledgements for
// 40 to 200 ms. Beginning at the cursor would hand everything out again; beginning behind what is
// on its way would lose it, should that connection be dead. So such a receive waits until it is
// known what became of the answer: it was acknowledged, its connection has ended or has brought a
// further request, or the caller confirms. After a while it begins with what is known by then.
//
// Who has had to wait once pools connections: from then on its answers are written so that they are
// acknowledged as soon as they are read (net's Exchange::expedite), and the wait is short.
//
// Sessions that acknowledge explicitly do not wait: an acknowledgement by TCP moves nothing there.
#include <algorithm>
#include <utility>

#include "hub/shard.h"

namespace rogerthat::hub {

using core::kNone;
using core::MemberNo;
using core::ReaderNo;

namespace {
// Nothing tells a program that the peer has acknowledged: it is looked at, only while somebody
// waits for it, and so often that one look a millisecond is cheap. Many take turns.
constexpr Millis kHoldLook = 1;
constexpr std::size_t kLooksAtOnce = 256;
constexpr std::size_t kStatusesKept = 16;
}  // namespace

void Shard::hold(ChannelEntry& entry, ReaderNo no) {
  do {
    ++last_hold_;
  } while (last_hold_ == 0 || holds_.contains(last_hold_));
  if (holds_.empty()) next_hold_look_ = now_.steady + kHoldLook;
  holds_[last_hold_] = {entry.handle, no, now_.steady + core::kDoubtMax, {}};
  entry.channel.reader(no).hold = last_hold_;
  entry.channel.mark_pooling(entry.channel.reader(no).member);
}

// A message waits in the ring. A status is nowhere else: it is kept for a poll, which carries on
// from one that was just answered; a stream is not there yet. False: it does not get it.
bool Shard::keep_for_held(core::Reader& reader, const core::Message& message) {
  if (message.kind == core::Kind::message) return true;
  std::vector<core::Message>& statuses = holds_.at(reader.hold).statuses;
  if (reader.kind == core::ReaderKind::stream || statuses.size() >= kStatusesKept) return false;
  statuses.push_back(message.copy());
  return true;
}

void Shard::let_go(ChannelEntry& entry, MemberNo member) {
  if (holds_.empty()) return;
  // All are found before any begins: what one is given would put the next in doubt again.
  std::vector<std::uint32_t> known;
  for (ReaderNo no = entry.channel.member(member).first_reader; no != kNone;
       no = entry.channel.reader(no).next) {
    const core::Reader& reader = entry.channel.reader(no);
    if (reader.hold != 0 && !entry.channel.in_doubt(reader.session)) known.push_back(reader.hold);
  }
  for (const std::uint32_t number : known) begin_held(number);
}

void Shard::begin_held(std::uint32_t number) {
  const auto node = holds_.extract(number);
  if (node.empty()) return;
  const Hold& held = node.mapped();
  ChannelEntry& entry = *find(held.channel);
  entry.channel.reader(held.reader).hold = 0;
  begin(entry, held.reader, false, held.statuses);
}

void Shard::look_at_holds() {
  next_hold_look_ = now_.steady + kHoldLook;
  for (std::size_t looks = std::min(holds_.size(), kLooksAtOnce); looks > 0; --looks) {
    auto next = holds_.upper_bound(looked_at_);
    if (next == holds_.end()) next = holds_.begin();
    if (next == holds_.end()) return;
    looked_at_ = next->first;
    const Hold& held = next->second;
    const bool over = held.until <= now_.steady;
    ChannelEntry& entry = *find(held.channel);
    const MemberNo member = entry.channel.reader(held.reader).member;
    settle(entry, member);
    let_go(entry, member);
    if (over) begin_held(looked_at_);
  }
}

}  // namespace rogerthat::hub
