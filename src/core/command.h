// What a caller wants of a channel, checked for form but not yet for sense, and what is planned in
// answer: the commands and plans of channel.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "core/types.h"

namespace rogerthat::core {

// The callsigns of identities. Asked by decisions where those are protected: on bands and on
// channels that require an identity, and so that none is suggested to somebody else.
class Handles {
 public:
  virtual ~Handles() = default;
  virtual bool is_handle(std::string_view callsign) const = 0;  // also a retired one
};

struct JoinCommand {
  std::optional<std::string> callsign;  // normalised; absent: the server picks one
  std::string spare_callsign;           // picked at random by the caller, for when it is absent
  std::string session_id;               // X-Session-Id as sent; empty: none
  std::string new_session_id;           // freshly minted, used where a new session begins
  bool human_authorized = false;        // the owner password was given and matched
  bool ack_explicit = false;
  std::optional<std::string> intro;
  std::string identity_account;      // the callsign is an identity of this account; empty: none
  AddressBytes address{};            // where the caller is; all zero: not known. Nothing keeps it
  const Handles* handles = nullptr;  // null: there are none
  bool reserved_allowed = false;     // remote control and the hub itself may take reserved names
  // No session but the caller's own is ever given: where on_collision says merge, a live callsign
  // is refused, and an expired session comes back by its id only.
  bool never_shares = false;
};

struct JoinPlan {
  std::vector<Event> events;  // empty: nothing changes (an idempotent re-join)
  std::string session_id;
  std::string callsign;
  bool human_authorized = false;  // as this caller is told: a merge without the password is not
  bool idempotent = false;
  bool collision_warning = false;
};

struct SendCommand {
  SessionNo session = kNone;
  MemberNo from = kNone;               // inboxes: the sender has no session there
  std::optional<std::string_view> to;  // as sent; absent or empty: everyone
  std::string text;
  Kind kind = Kind::message;
  Priority priority = Priority::normal;
  std::vector<std::string> suggested_replies;
  std::vector<Attachment> attachments;
  MessageId reply_to = 0;
  std::string client_id;
  std::uint64_t body_hash = 0;  // of the fields above, for client_id
  bool dropped = false;         // its addressee has blocked the sender, who must not notice
};

// Whom a message reaches that has been sent, and when.
enum class Reach : std::uint8_t {
  at_once,  // somebody who was listening
  later,    // its addressee is on, but not listening just now
  away,     // ... or not on
  nobody,   // of all, nobody is listening just now
  itself    // who has sent it to itself, and receives nothing of its own
};

struct SendPlan {
  enum class Outcome : std::uint8_t { post, status, duplicate, dropped };
  Outcome outcome = Outcome::post;
  Posted posted;        // post: to be journalled and applied; others: only to be answered by
  bool queued = false;  // duplicate: its addressee has not been handed it
  bool loop_warning = false;
  MessageId duplicate_id = 0;  // duplicate: the first result
  Millis duplicate_at = 0;
  std::string duplicate_to;
};

struct Gap {
  std::optional<std::int64_t> dropped;  // absent: how many is not known
  std::optional<MessageId> oldest_id;   // absent: nothing is held
};

// What is pending for a reader. Points into the ring: used up before the channel changes.
struct Pending {
  std::vector<const Message*> messages;
  MessageId through = 0;  // everything up to here has been considered
  bool more = false;
  std::optional<Gap> gap;
};

enum class ReceiptState : std::uint8_t { queued, delivered, confirmed, answered, dropped };
std::string_view to_string(ReceiptState);

struct Receipt {
  std::string_view callsign;
  ReceiptState state = ReceiptState::queued;
  Millis at = 0;  // 0: not told (broadcasts)
};

struct Receipts {
  std::vector<Receipt> each;   // at most kReceiptsListedMax
  std::size_t recipients = 0;  // in all
  std::size_t counts[5] = {};  // by ReceiptState
};

}  // namespace rogerthat::core
