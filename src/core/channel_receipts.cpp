// What became of a message, derived from cursors and replies.
#include <algorithm>

#include "core/channel.h"

namespace rogerthat::core {

std::string_view to_string(ReceiptState state) {
  switch (state) {
    case ReceiptState::queued:
      return "queued";
    case ReceiptState::delivered:
      return "delivered";
    case ReceiptState::confirmed:
      return "confirmed";
    case ReceiptState::answered:
      return "answered";
    case ReceiptState::dropped:
      break;
  }
  return "dropped";
}

ReceiptState Channel::receipt_of(MemberNo from, MemberNo to, MessageId id, bool dropped) const {
  const Member& member = members_[to];
  const auto answered = [to](const SlimVector<MemberNo>& by) {
    return std::ranges::find(by, to) != by.end();
  };
  if (from != to) {
    if (const Message* message = ring_.find(id)) {
      const bool direct = message->receipt && message->receipt->answered_at != 0;
      const bool broadcast = message->extras && answered(message->extras->answered_by);
      if (direct || broadcast) return ReceiptState::answered;
    } else if (const Dropped* gone = ring_.find_dropped(id)) {
      if (answered(gone->answered_by)) return ReceiptState::answered;
    }
  }
  const bool missed = std::ranges::any_of(
      member.missed, [id](const Missed& m) { return m.after < id && id <= m.through; });
  if (missed) return ReceiptState::dropped;
  if (member.confirmed >= id) return ReceiptState::confirmed;
  if (member.handed >= id) return ReceiptState::delivered;
  if (!dropped) return ReceiptState::queued;
  for (ReaderNo r = member.first_reader; r != kNone; r = readers_[r].next) {
    if (readers_[r].owed >= id) return ReceiptState::queued;  // it may still arrive
  }
  return ReceiptState::dropped;
}

Receipts Channel::receipts(const Message& message) const {
  Receipts all;
  const auto add = [&](MemberNo no) {
    Receipt receipt;
    receipt.callsign = members_[no].callsign;
    receipt.state = receipt_of(message.from, no, message.id, false);
    if (message.to != kEveryone && message.receipt) {
      const DirectReceipt& times = *message.receipt;
      if (receipt.state == ReceiptState::delivered) receipt.at = times.delivered_at;
      if (receipt.state == ReceiptState::confirmed) receipt.at = times.confirmed_at;
      if (receipt.state == ReceiptState::answered) receipt.at = times.answered_at;
    }
    ++all.counts[static_cast<std::size_t>(receipt.state)];
    ++all.recipients;
    if (all.each.size() < kReceiptsListedMax) all.each.push_back(receipt);
  };
  if (message.to != kEveryone) {
    add(message.to);
    return all;
  }
  for (MemberNo no = 0; no < members_.size(); ++no) {
    if (was_meant_for(no, message.from, message.id)) add(no);
  }
  return all;
}

}  // namespace rogerthat::core
