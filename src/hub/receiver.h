// What the hub knows of somebody who waits: a parked poll or an open stream. The api room
// implements it over a connection, the simulator over a simulated one. Belongs to one shard's
// thread.
#pragma once

#include <memory>
#include <string>

#include "core/channel.h"

namespace rogerthat::hub {

struct ChannelEntry;

// Messages on their way to one or many receivers. What they look like on the wire is made once, by
// the first receiver of a kind, and kept here for the others.
struct Delivery {
  const ChannelEntry& entry;
  const core::Pending& pending;
  mutable std::shared_ptr<const std::string> as_poll_answer;
  mutable std::shared_ptr<const std::string> as_stream_events;
  mutable std::shared_ptr<const std::string> as_wait_answer = {};
};

struct Presence {
  bool joined = false;
  std::string_view callsign;
  mutable std::shared_ptr<const std::string> as_stream_event;
};

enum class EndReason : std::uint8_t {
  timed_out,
  superseded,     // polls: a newer one of the same callsign
  contended,      // ... as happens again and again: two programs listen under one callsign
  session_ended,  // left, or its identity's key has ended
  draining,       // the server is going away
  too_slow,       // streams: the backlog has passed its bound
  kicked,         // by the operator, as what follows
  banned,
  stopped,         // everybody is to stop
  channel_closed,  // also by its owner
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  // Before anything else, when it is known where it begins: `backlog` messages follow at once.
  virtual void begins(const ChannelEntry& entry, std::size_t backlog) = 0;
  // A poll answers with it and has ended; a stream writes it. Streams: false where the connection
  // takes no more just now; Shard::reader_drained() says when it does again.
  virtual bool deliver(const Delivery& delivery) = 0;
  virtual bool announce(const Presence& presence) = 0;  // streams; as deliver()
  virtual void ping() = 0;                              // streams
  // Polls answer with nothing, streams say `bye`. The connection may live on.
  virtual void end(EndReason reason) = 0;
  // Every byte written so far has been acknowledged by the peer's TCP.
  virtual bool acknowledged() const = 0;
  // Its connection is there, as far as anybody knows. Calls of MCP may outlive theirs.
  virtual bool connected() const { return true; }
};

}  // namespace rogerthat::hub
