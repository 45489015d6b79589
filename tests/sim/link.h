// A simulated TCP connection: what is written arrives later, or never; the peer's kernel
// acknowledges what has arrived, whether its program reads it or not, at its leisure: with the next
// request, with its end, or when its patience is over. A fate may strike it at every step. Knows
// nothing of what the bytes mean.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "wire.h"
#include "world.h"

namespace rogerthat::sim {

class Link;

class ServerEnd {
 public:
  virtual ~ServerEnd() = default;
  virtual void request_arrived(Link& link, Request request) = 0;
  virtual void acknowledgement_arrived(Link& link) = 0;
  virtual void drained(Link& link) = 0;
  virtual void closed(Link& link) = 0;
};

class ClientEnd {
 public:
  virtual ~ClientEnd() = default;
  virtual void answer_read(Link& link, std::size_t piece, const Answer& answer) = 0;
  virtual void closed(Link& link) = 0;
  virtual void dies() = 0;  // the client's process ends just now
};

enum class Fate : std::uint8_t {
  none,
  reset,       // both ends learn of it soon
  vanish,      // nothing passes any more; each end finds out by its own means
  deaf,        // what the server writes arrives, acknowledgements don't; a reset follows
  client_dies  // the client's process ends; its kernel lives on
};

struct LinkHabits {
  Millis latency = 5;
  Millis read_delay = 0;    // of the client's program, for every piece
  Millis ack_delay = 0;     // of the client's kernel, where nothing else goes the same way
  std::size_t window = 64;  // pieces that the client's kernel takes unread
  std::size_t send_buffer = 16;
  Fate fate = Fate::none;
  std::size_t fate_step = 0;  // strikes at this step of the connection's life
};

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(World& world, std::uint64_t number, LinkHabits habits, ClientEnd& client, ServerEnd& server);

  std::uint64_t number() const { return number_; }

  // --- The client's end.
  void send(Request request);
  void close_by_client();  // the program closes it, or its process ends
  bool open_at_client() const { return client_ != nullptr; }

  // --- The server's end.
  std::size_t write(Answer answer);  // gives the number of the piece
  void close_by_server();            // after everything written has arrived
  bool takes_more() const;
  bool acknowledged() const { return acknowledged_ == pieces_written(); }
  std::size_t pieces_written() const { return pieces_.size(); }
  std::size_t pieces_acknowledged() const { return acknowledged_; }  // as the server knows
  void server_dies(bool machine_too);

  // --- For the checker, who sees everything.
  std::size_t pieces_arrived() const { return arrived_; }
  std::size_t pieces_read() const { return read_; }
  // Nothing has struck it, and it brings acknowledgements in the time that the hub gives them.
  bool healthy() const;

 private:
  void step();  // of its life; the fate may strike
  void strike();
  void pump();
  void arrive();
  void read_one();
  void acknowledge(std::size_t through);
  void reset();
  void vanish();
  void tell_server_closed();
  void tell_client_closed();

  World& world_;
  std::uint64_t number_;
  LinkHabits habits_;
  ClientEnd* client_;
  ServerEnd* server_;
  std::deque<Answer> pieces_;
  std::size_t sent_ = 0;
  std::size_t arrived_ = 0;
  std::size_t read_ = 0;
  std::size_t acknowledged_ = 0;
  std::size_t steps_ = 0;
  Millis last_arrival_ = 0;
  Millis last_read_ = 0;
  bool cut_ = false;        // nothing passes any more
  bool deaf_ = false;       // acknowledgements don't
  bool peer_gone_ = false;  // the client's kernel answers with a reset
  bool was_full_ = false;
  bool closing_ = false;
  bool struck_ = false;
};

}  // namespace rogerthat::sim
