// One message as the ring keeps it: the value and what it weighs. Callsigns are kept as member
// numbers of the channel; the wire form is made by the api room.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/slim_vector.h"
#include "core/types.h"

namespace rogerthat::core {

struct Attachment {
  std::string mime;
  std::string data_base64;
  std::string filename;  // empty: none
  bool dropped = false;  // its data was let go for want of memory; the rest of the message was not
  bool operator==(const Attachment&) const = default;
};

// When a direct message reached its states; 0: not yet.
struct DirectReceipt {
  Millis delivered_at = 0;
  Millis confirmed_at = 0;
  Millis answered_at = 0;
};

// What most messages don't have.
struct MessageExtras {
  std::vector<std::string> suggested_replies;
  std::vector<Attachment> attachments;
  SlimVector<MemberNo> answered_by;  // broadcasts: who has sent a reply_to this
};

struct Message {
  MessageId id = 0;
  Millis at = 0;  // wall
  MemberNo from = kNone;
  MemberNo to = kEveryone;
  MessageId reply_to = 0;  // 0: none
  Priority priority = Priority::normal;
  Kind kind = Kind::message;
  bool verified = false;       // the sender's callsign was bound to an identity
  bool has_client_id = false;  // its journal row remembers the client_id
  std::int64_t seq = 0;        // its journal row; 0: not journalled
  std::string text;
  std::unique_ptr<MessageExtras> extras;
  std::unique_ptr<DirectReceipt> receipt;

  Message() = default;
  Message(Message&&) noexcept = default;
  Message& operator=(Message&&) noexcept = default;

  Message copy() const;                 // what was said, without what became of it
  std::size_t weight() const;           // bytes it costs the ring
  std::size_t attached_weight() const;  // ... of them, those of its attachments
};

}  // namespace rogerthat::core
