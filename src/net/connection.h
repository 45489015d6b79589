// One connection: bytes in, requests to the handler, answers out, in order. Its states
// and their order. Lean, because most of them are parked: no buffer is owned while nothing is
// incomplete. Belongs to one loop; a move makes a new Connection there and leaves a shell here.
//
// Two kinds of entry. "Top level" (on_ready, resume, expired, end) may call the rooms above, and
// they may call back. What the rooms call (the methods for Exchange) never calls them: a failure is
// noted, and the top level is posted to deal with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/address_lists.h"
#include "net/charge.h"
#include "net/exchange.h"
#include "net/loop.h"
#include "net/output_queue.h"
#include "net/request_reader.h"
#include "net/tls.h"
#include "net/wait_lists.h"

namespace rogerthat::net {

class ServerLoop;

// An incomplete request, or what came behind one that is not answered yet.
struct KeptInput {
  std::string bytes;
  Progress progress;
  bool examined = false;  // as far as it goes, nothing can be made of it
  Charge charge;
};

// What a client can make its loop keep.
enum class Kept : std::uint8_t { input, output };

// All that a connection is made of: a fresh socket, or what another loop hands over.
struct Arrival {
  int fd = -1;
  IpAddress peer;
  bool peer_trusted = false;
  bool counted_by_address = false;
  bool peer_finished = false;
  bool handshaking = false;
  std::uint8_t moves = 0;
  std::uint32_t requests = 0;
  TlsSession tls;
  std::unique_ptr<KeptInput> input;
  std::unique_ptr<OutputQueue> output;
};

class Connection final : public Watched, public Waiting, public OfAddress {
 public:
  // Top level. The loop's list of connections holds a reference until the end.
  static void begin(ServerLoop& home, Arrival arrival);
  void on_ready(std::uint32_t epoll_events) override;
  void expired();        // the deadline of its wait has come
  void end(bool reset);  // closes, at once
  void turn_out();       // the same, where its client is not wanted any more
  // Of any connection, whatever is on the stack: it ends soon, and what it keeps counts no more.
  void give_up(Kept what);
  std::size_t keeps(Kept what) const;
  const IpAddress& client() const { return client_; }  // who asked last, behind trusted proxies

  // For Exchange. `serial` names the request that the Exchange was made for.
  std::uint32_t serial() const { return serial_; }
  bool open(std::uint32_t serial) const;  // the answer is owed
  void await_body(std::uint32_t serial);
  void reply(std::uint32_t serial, Response response);
  void reply_json(std::uint32_t serial, std::string_view body, std::string_view extra_lines);
  void reply_shared(std::uint32_t serial, const SharedBytes& whole);
  void reply_unanswered(std::uint32_t serial);
  void expedite(std::uint32_t serial);
  void park(std::uint32_t serial, std::unique_ptr<Parked> parked);
  Parked* parked(std::uint32_t serial) const;
  void open_stream(std::uint32_t serial, std::string_view extra_lines, AtEnd at_end);
  bool write(std::uint32_t serial, const SharedBytes& framed_events);
  std::size_t unwritten(std::uint32_t serial) const;
  void finish(std::uint32_t serial);
  bool acknowledged(std::uint32_t serial) const;
  void abort(std::uint32_t serial);
  void move_to(std::uint32_t serial, Loop& loop);
  int moves(std::uint32_t serial) const;

 private:
  friend class ConnectionRef;

  enum class Phase : std::uint8_t {
    handshake,
    reading,    // for a request, or in the middle of one
    answering,  // the handler has it
    streaming,
    closing,    // the last answer is on its way
    lingering,  // all is written and our side ended; waits for the peer to end its own
    gone,
  };

  Connection(ServerLoop& home, Arrival arrival);
  ~Connection() override = default;

  // Running (connection.cpp)
  void resume();
  void run();
  bool step();
  bool shake_hands();
  bool tell_half_close();
  bool goodbye_may_go();
  bool linger();
  void schedule();  // posts resume()
  void wait_for_what_comes();
  void hand_over();
  ServerLoop& leave();
  bool belongs(std::uint32_t serial) const { return phase_ != Phase::gone && serial == serial_; }
  std::size_t unacknowledged() const;

  // Requests (connection_input.cpp)
  bool receive();
  bool read_kept();
  void keep(std::unique_ptr<KeptInput> input);
  std::size_t consume(char* data, std::size_t& size, Progress& progress);
  bool previous_answer_arrived();
  bool admit_body(const Head& head);
  void handle(const Head& head, std::string_view body);
  Request begin_request(const Head& head);
  void refuse(int status, std::string_view reason);

  // Answers (connection_output.cpp)
  bool begin_answer(std::uint32_t serial);
  std::string& answer_buffer();
  std::string_view date_line() const;
  std::string_view connection_option() const;
  void answered(std::string& out, const SharedBytes& rest = nullptr, std::size_t offset = 0);
  void emit(std::string& out, const SharedBytes& rest, std::size_t offset);
  void flush_batch();
  void send(std::string_view first, const SharedBytes& rest, std::size_t offset);
  void keep_output(SharedBytes bytes, std::size_t offset);
  void send_kept();
  IoResult write_pieces(const iovec* pieces, int count);
  void broken();  // noted; the top level ends it

  ServerLoop* home_;  // null: gone
  std::unique_ptr<Parked> parked_;
  std::unique_ptr<KeptInput> input_;
  std::unique_ptr<OutputQueue> output_;
  TlsSession tls_;
  Loop* moving_to_ = nullptr;
  IpAddress peer_;
  IpAddress client_;
  int fd_;
  std::uint32_t references_ = 0;
  std::uint32_t serial_ = 0;  // requests so far
  Phase phase_ = Phase::reading;
  std::uint8_t moves_ = 0;
  bool peer_trusted_ : 1 = false;
  bool counted_by_address_ : 1 = false;
  bool readable_ : 1 = true;        // there may be more in the socket
  bool peer_finished_ : 1 = false;  // a FIN is known; bytes before it may be unread
  bool input_ended_ : 1 = false;    // ... and everything before it has been read
  bool half_close_told_ : 1 = false;
  bool running_ : 1 = false;  // run() is on the stack: answers are batched
  bool scheduled_ : 1 = false;
  bool fresh_wait_ : 1 = false;  // the deadline begins anew even if the kind of wait stays
  bool broken_ : 1 = false;
  bool settling_ : 1 = false;
  bool fin_sent_ : 1 = false;
  bool answer_arrived_ : 1 = false;  // the last one; known before our end of the TLS session
  bool aborted_ : 1 = false;         // broken on purpose: unsent bytes are dropped, too
  bool handling_ : 1 = false;        // Handler::handle() is on the stack
  bool moved_here_ : 1 = false;      // the request to come has been on another loop
  bool last_ : 1 = false;            // of this request: the connection closes after the answer
  bool in_pieces_ : 1 = false;       // ... and its answer leaves in two
  bool head_only_ : 1 = false;
  bool http_1_0_ : 1 = false;
  bool secure_ : 1 = false;
  bool chunked_stream_ : 1 = false;
  bool acknowledged_at_end_ : 1 = false;
};

}  // namespace rogerthat::net
