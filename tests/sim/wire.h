// What travels over simulated connections: the contract's requests and answers as values. The text
// of HTTP and JSON is not simulated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/command.h"
#include "core/types.h"
#include "hub/receiver.h"
#include "hub/shard.h"

namespace rogerthat::sim {

using core::MessageId;

enum class Verb : std::uint8_t { join, send, receive, leave, history, receipts };

struct Request {
  Verb verb = Verb::join;
  std::size_t channel = 0;  // its place in the run's list
  std::string callsign;     // join: what is asked for; otherwise as the agent believes
  std::string session_id;   // X-Session-Id; empty: none
  bool ack_explicit = false;
  bool proves = false;      // join: with the right owner password
  std::size_t program = 0;  // join: who asks; not on the wire

  std::size_t post = 0;  // send: number of the post (posts.h)
  hub::AwaitFor await = hub::AwaitFor::nothing;
  Millis await_time = 0;

  core::ReaderKind kind = core::ReaderKind::poll;  // receive
  std::optional<MessageId> since;
  std::optional<MessageId> ack;
  Millis timeout = 0;

  std::size_t count = 0;  // history
  MessageId id = 0;       // receipts
};

std::string describe(const Request& request);  // for the trace

struct SeenMessage {
  MessageId id = 0;
  std::string from;
  std::string to;  // "all" for everyone
  std::string text;
  Millis at = 0;
  core::Kind kind = core::Kind::message;
};

struct SeenReceipt {
  std::string callsign;
  core::ReceiptState state = core::ReceiptState::queued;
};

// An answer, or one piece of a stream.
struct Answer {
  Verb verb = Verb::join;
  std::optional<ErrorCode> error;
  std::string session_id;  // join
  std::string callsign;
  MessageId id = 0;  // send
  bool duplicate = false;
  std::vector<SeenMessage> messages;  // receive, history
  std::optional<core::Gap> gap;
  MessageId gap_through = 0;  // not on the wire: what it covers
  bool timed_out = false;
  bool bye = false;  // the last piece of a stream
  std::vector<SeenReceipt> receipts;
};

}  // namespace rogerthat::sim
