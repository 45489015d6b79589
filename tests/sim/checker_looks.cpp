// What is promised to who looks without receiving: histories show what one may see, receipts are
// true.
#include <algorithm>

#include "checker.h"

namespace rogerthat::sim {

using core::ReceiptState;

void Checker::history(std::size_t channel, const std::string& callsign, const Answer& answer) {
  MessageId last = 0;
  for (const SeenMessage& message : answer.messages) {
    const Post* post = recognise(channel, message);
    if (post == nullptr) return;
    const bool mine = !callsign.empty() && (message.to == callsign || message.from == callsign);
    if (message.to != "all" && !mine) {
      world_.violate("history shows nobody others' direct messages",
                     fmt::format("{} sees message {} from {} to {}",
                                 callsign.empty() ? "a token holder" : callsign, message.id,
                                 message.from, message.to));
    }
    if (post->kind == core::Kind::status) {
      world_.violate("a status is in no history", fmt::format("status {}", message.id));
    }
    if (message.id <= last) {
      world_.violate("history is oldest first", fmt::format("{} after {}", message.id, last));
    }
    last = message.id;
  }
}

void Checker::receipts(std::size_t channel, MessageId id, const Answer& answer) {
  ChannelFacts& facts = channels_[channel];
  if (facts.ids_forgotten) return;
  for (const SeenReceipt& receipt : answer.receipts) {
    CallsignFacts& who = facts.callsigns[receipt.callsign];
    refresh(who);
    const auto told = [&](std::string_view why) {
      world_.violate("receipts are true",
                     fmt::format("message {} is said to be {} for {}: {}", id,
                                 core::to_string(receipt.state), receipt.callsign, why));
    };
    switch (receipt.state) {
      case ReceiptState::queued:
      case ReceiptState::dropped:
        if (who.handed.contains(id)) told("it has been handed over");
        break;
      case ReceiptState::confirmed:
        if (id > who.confirmed_maybe) told("nothing has confirmed it");
        [[fallthrough]];
      case ReceiptState::delivered:
        if (!who.written.contains(id)) {
          told("it has never been written to it");
        } else if (id > who.handed_maybe) {
          told("no acknowledgement has come");
        }
        break;
      case ReceiptState::answered: {
        bool replied = false;
        for (std::size_t i = 0; i < posts_.size() && !replied; ++i) {
          const Post& post = posts_.at(i);
          replied = post.channel == channel && post.from == receipt.callsign &&
                    post.reply_to == id && post.first_turn != 0;
        }
        if (!replied) told("it has not answered");
        break;
      }
    }
    const auto before = who.receipts.find(id);
    if (before != who.receipts.end()) {
      const ReceiptState was = before->second.first;
      // What left the ring unread may turn out to have been read, when its reader says so.
      const bool back = was != ReceiptState::dropped &&
                        (receipt.state < was || receipt.state == ReceiptState::dropped) &&
                        !(was == ReceiptState::queued && receipt.state == ReceiptState::dropped);
      if (back) told(fmt::format("it was {} before", core::to_string(was)));
      if (receipt.state == was) continue;
    }
    who.receipts[id] = {receipt.state, world_.time()};
  }
}

}  // namespace rogerthat::sim
