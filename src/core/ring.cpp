#include "core/ring.h"

#include <algorithm>
#include <utility>

namespace rogerthat::core {

namespace {
// Dropped messages are remembered for counting gaps and for receipts; beyond this many (4 KiB a
// channel) the count is told as unknown.
constexpr std::size_t kDroppedRemembered = 256;

// An empty string that is assigned leaves the memory of what was there.
void give_up(std::string& text) {
  std::string().swap(text);
}
}  // namespace

Message Message::copy() const {
  Message same;
  same.id = id;
  same.at = at;
  same.from = from;
  same.to = to;
  same.reply_to = reply_to;
  same.priority = priority;
  same.kind = kind;
  same.verified = verified;
  same.text = text;
  if (extras) {
    same.extras = std::make_unique<MessageExtras>();
    same.extras->suggested_replies = extras->suggested_replies;
    same.extras->attachments = extras->attachments;
  }
  return same;
}

std::size_t Message::weight() const {
  std::size_t bytes = sizeof(Message) + text.size() + attached_weight();
  if (extras) {
    for (const std::string& reply : extras->suggested_replies) bytes += reply.size() + 32;
  }
  return bytes;
}

std::size_t Message::attached_weight() const {
  std::size_t bytes = 0;
  if (!extras) return bytes;
  for (const Attachment& a : extras->attachments) {
    bytes += a.mime.size() + a.data_base64.size() + a.filename.size() + sizeof(Attachment);
  }
  return bytes;
}

std::size_t Ring::first_after(MessageId id) const {
  std::size_t low = 0;
  std::size_t high = size_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (at(middle).id > id) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

const Message* Ring::find(MessageId id) const {
  const std::size_t i = first_after(id - 1);
  return i < size_ && at(i).id == id ? &at(i) : nullptr;
}

Message* Ring::find(MessageId id) {
  const std::size_t i = first_after(id - 1);
  return i < size_ && at(i).id == id ? &at(i) : nullptr;
}

MessageId Ring::dropped_through_after(std::size_t weight, std::size_t count_max,
                                      std::size_t bytes_max) const {
  MessageId through = dropped_through_;
  std::size_t count = size_ + 1;
  std::size_t bytes = bytes_ + weight;
  for (std::size_t i = 0; count > 1 && (count > count_max || bytes > bytes_max); ++i) {
    through = at(i).id;
    bytes -= at(i).weight();
    --count;
  }
  return through;
}

void Ring::append(Message message) {
  if (size_ == slots_.size()) move_into(std::max<std::size_t>(4, size_ + size_ / 2));
  slots_[(head_ + size_) % slots_.size()] = std::move(message);
  ++size_;
}

void Ring::move_into(std::size_t slots) {
  SlimVector<Message> others;
  others.resize(slots);
  for (std::size_t i = 0; i < size_; ++i) others[i] = std::move(at(i));
  slots_ = std::move(others);
  head_ = 0;
}

void Ring::give_back_slots() {
  if (slots_.size() > 4 && size_ < slots_.size() / 4) {
    move_into(std::max<std::size_t>(4, size_ + size_ / 2));
  }
}

std::size_t Ring::drop_attachments(std::size_t bytes) {
  const std::size_t enough = attached_ - std::min(bytes, attached_);
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < size_ && attached_ > enough; ++i) {
    if (!at(i).extras) continue;
    for (Attachment& attachment : at(i).extras->attachments) {
      if (attachment.dropped) continue;
      bytes_ -= attachment.data_base64.size();
      attached_ -= attachment.data_base64.size();
      give_up(attachment.data_base64);
      attachment.dropped = true;
      ++dropped;
    }
  }
  return dropped;
}

void Ring::drop_oldest() {
  Message& oldest = at(0);
  bytes_ -= oldest.weight();
  attached_ -= oldest.attached_weight();
  dropped_through_ = oldest.id;
  remember(oldest);
  give_up(oldest.text);
  oldest = Message{};
  head_ = static_cast<std::uint32_t>((head_ + 1) % slots_.size());
  --size_;
}

void Ring::remember(Message& message) {
  Dropped dropped{message.id, message.from, message.to, {}};
  if (message.receipt && message.receipt->answered_at != 0) {
    dropped.answered_by.push_back(message.to);
  }
  if (message.extras && !message.extras->answered_by.empty()) {
    dropped.answered_by = std::move(message.extras->answered_by);
  }
  if (dropped_.size() < kDroppedRemembered) {
    dropped_.push_back(std::move(dropped));
    return;
  }
  dropped_known_after_ = dropped_[dropped_head_].id;
  dropped_[dropped_head_] = std::move(dropped);
  dropped_head_ = static_cast<std::uint32_t>((dropped_head_ + 1) % dropped_.size());
}

const Dropped& Ring::dropped_at(std::size_t i) const {
  return dropped_[(dropped_head_ + i) % dropped_.size()];
}

const Dropped* Ring::find_dropped(MessageId id) const {
  for (const Dropped& dropped : dropped_) {
    if (dropped.id == id) return &dropped;
  }
  return nullptr;
}

Dropped* Ring::find_dropped(MessageId id) {
  return const_cast<Dropped*>(std::as_const(*this).find_dropped(id));
}

void Ring::forget_dropped() {
  dropped_.clear();
  dropped_head_ = 0;
  dropped_known_after_ = dropped_through_;
}

void Ring::set_dropped_through(MessageId id) {
  if (id <= dropped_through_) return;
  dropped_through_ = id;
  dropped_known_after_ = std::max(dropped_known_after_, id);
}

}  // namespace rogerthat::core
