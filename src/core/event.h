// What happened on a channel, as values: the only things that change its state. Commands are
// decided into events, events are journalled (durable channels) and applied; recovery applies them
// again: the events and nothing that interprets them.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/message.h"
#include "core/types.h"

namespace rogerthat::core {

// A session took a callsign: new, renamed, revived or changed. Carries the whole session.
struct Joined {
  std::string session_id;
  std::string callsign;
  std::string intro;
  std::string identity_account;  // empty: none
  bool verified = false;
  bool human_authorized = false;
  bool shared = false;  // its id is with somebody who has not proved that a human stands behind it
  bool ack_explicit = false;
  Millis at = 0;
};

struct Left {
  std::string session_id;
  bool expired = false;  // true: a tombstone is kept
  Millis at = 0;
  // The operator has ended it, and may have said why. The journal does not keep this.
  bool by_operator = false;
  std::string note = {};
};

struct Posted {
  Message message;
  std::string from;  // callsigns: numbers are private to one life of the process
  std::string to;    // empty: everyone
  std::string client_id;
  std::uint64_t body_hash = 0;    // of the send that carried client_id
  MessageId dropped_through = 0;  // the ring had dropped up to here
};

struct CursorsMoved {
  struct Position {
    std::string callsign;
    MessageId handed = 0;
    MessageId confirmed = 0;
    MessageId offered = 0;
  };
  std::vector<Position> positions;
  Millis at = 0;
};

// Of an inbox: everything up to there had been read by then.
struct ReadMark {
  MessageId through = 0;
  Millis at = 0;  // wall
};

// The whole state but the ring: earlier rows that are not messages are not needed any more.
struct Snapshot {
  struct Member {
    std::string callsign;
    MessageId handed = 0, confirmed = 0, offered = 0, baseline = 0;
    Millis last_seen = 0;
    bool verified = false;
    struct Sent {
      std::string client_id;
      std::uint64_t body_hash = 0;
      MessageId id = 0;
      Millis at = 0;
      std::string to;
    };
    std::vector<Sent> sent;
  };
  std::vector<Member> members;
  std::vector<Joined> sessions;
  struct Tombstone {
    std::string session_id, callsign;
    Millis until = 0;     // wall
    bool expired = true;  // false: left on purpose
  };
  std::vector<Tombstone> tombstones;
  std::vector<ReadMark> read_marks;  // inboxes
  MessageId last_id = 0;
  MessageId dropped_through = 0;
  Millis first_joined_at = 0;
};

using Event = std::variant<Joined, Left, Posted, CursorsMoved, Snapshot>;

// One line of a transcript. What a retention mode keeps is decided in transcript.h.
struct TranscriptEntry {
  enum class Type : std::uint8_t { channel_created, join, leave, message, message_meta };
  Type type = Type::message;
  Millis ts = 0;
  MessageId id = 0;         // messages: ties the line to the message (and orders it); 0 otherwise
  std::string who;          // callsign, or sender
  std::string to;           // messages: callsign or "all"
  std::string text;         // message; channel_created: the retention
  std::uint64_t bytes = 0;  // message_meta
};

}  // namespace rogerthat::core
