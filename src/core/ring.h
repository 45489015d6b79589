// The messages a channel still holds, oldest first, bounded in number and bytes.
// Storage and what is known of messages that have been dropped. No visibility rules.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/slim_vector.h"
#include "core/message.h"

namespace rogerthat::core {

// What is remembered of a dropped message: enough to count gaps and to answer for its receipts.
struct Dropped {
  MessageId id = 0;
  MemberNo from = kNone;
  MemberNo to = kEveryone;
  SlimVector<MemberNo> answered_by;  // who has sent a reply_to this
};

class Ring {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const { return bytes_; }
  std::size_t attached_bytes() const { return attached_; }  // of them, those of attachments
  const Message& at(std::size_t i) const { return slots_[(head_ + i) % slots_.size()]; }
  Message& at(std::size_t i) { return slots_[(head_ + i) % slots_.size()]; }

  std::size_t first_after(MessageId id) const;  // index of the first message with a greater id
  Message* find(MessageId id);
  const Message* find(MessageId id) const;

  // Appends; ids must rise. Drops the oldest until both bounds hold again (the newest always
  // stays). Calls dropped(message) for each one dropped.
  template <class OnDropped>
  Message& push(Message message, std::size_t count_max, std::size_t bytes_max, OnDropped dropped) {
    bytes_ += message.weight();
    attached_ += message.attached_weight();
    append(std::move(message));
    while (size_ > 1 && (size_ > count_max || bytes_ > bytes_max)) {
      dropped(at(0));
      drop_oldest();
    }
    return at(size_ - 1);
  }

  // What dropped_through() would be after pushing a message of that weight.
  MessageId dropped_through_after(std::size_t weight, std::size_t count_max,
                                  std::size_t bytes_max) const;

  // Everything up to here has been dropped (or was in memory when the server stopped).
  MessageId dropped_through() const { return dropped_through_; }
  void set_dropped_through(MessageId id);
  // Drops what is still here up to that id: a journal may hold rows that the ring had let go.
  template <class OnDropped>
  void drop_through(MessageId id, OnDropped dropped) {
    while (size_ > 0 && at(0).id <= id) {
      dropped(at(0));
      drop_oldest();
    }
    set_dropped_through(id);
  }
  // Drops the oldest until that many bytes have gone, be it all that is here.
  template <class OnDropped>
  void drop_bytes(std::size_t bytes, OnDropped dropped) {
    const std::size_t enough = bytes_ - std::min(bytes, bytes_);
    while (size_ > 0 && bytes_ > enough) {
      dropped(at(0));
      drop_oldest();
    }
    give_back_slots();
  }
  // Lets go of the data of attachments, oldest first, until that many bytes have gone. Their
  // messages stay. Says how many attachments that were.
  std::size_t drop_attachments(std::size_t bytes);

  // The newest dropped messages, oldest first; complete for ids above dropped_known_after().
  std::size_t dropped_size() const { return dropped_.size(); }
  const Dropped& dropped_at(std::size_t i) const;  // oldest first
  MessageId dropped_known_after() const { return dropped_known_after_; }
  Dropped* find_dropped(MessageId id);
  const Dropped* find_dropped(MessageId id) const;
  // After a recovery: what the journal still had of dropped messages is not the whole of it.
  void forget_dropped();

 private:
  void append(Message message);
  void drop_oldest();
  void move_into(std::size_t slots);
  void give_back_slots();
  void remember(Message& message);

  SlimVector<Message> slots_;    // circular, grows to what is used
  SlimVector<Dropped> dropped_;  // circular once full
  std::size_t bytes_ = 0;
  std::size_t attached_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t dropped_head_ = 0;
  MessageId dropped_through_ = 0;
  MessageId dropped_known_after_ = 0;
};

}  // namespace rogerthat::core
