// One request that waits for its answer, as the rooms above see a connection.
// Exchange (the right to answer once), Parked (what is told while an answer waits or
// until its hand-over is known) and EventStream (an open SSE answer). All of it belongs to one loop
// thread. A dropped Exchange answers 500, so that no client hangs on a bug.
//
// Hand-over (contract, "nothing is lost to a dead connection"): after reply(), a Parked that is
// still attached hears exactly one of next_request() and closed(); until then acknowledged() tells
// what the peer's TCP has confirmed so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/request.h"
#include "net/response.h"

namespace rogerthat::net {

class Connection;
class Loop;

// Bytes that go to many connections are encoded once and shared.
using SharedBytes = std::shared_ptr<const std::string>;

class Parked {
 public:
  virtual ~Parked() = default;
  // The peer closed its sending side while the answer was still owed: it may be gone or may still
  // read. Answer now, consuming nothing, or do nothing and wait for closed().
  virtual void peer_half_closed() {}
  // A further request came on the connection after the answer: the answer has arrived.
  // The Parked is destroyed after this call.
  virtual void next_request() {}
  // The connection is gone. `acknowledged`: the peer's TCP had acknowledged every byte written.
  // The Parked is destroyed after this call.
  virtual void closed(bool acknowledged) = 0;
  // Streams: what could not be written at once has been written now.
  virtual void drained() {}
};

// A counted reference to a connection: not thread-safe, as nothing here is.
class ConnectionRef {
 public:
  ConnectionRef() = default;
  explicit ConnectionRef(Connection* connection);
  ConnectionRef(const ConnectionRef& other);
  ConnectionRef(ConnectionRef&& other) noexcept;
  ConnectionRef& operator=(ConnectionRef other) noexcept;
  ~ConnectionRef();
  Connection* get() const { return connection_; }
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  Connection* connection_ = nullptr;
};

// What becomes of the connection when its stream is finished. HTTP/1.0 knows no end but closing.
enum class AtEnd : std::uint8_t { close, keep };

class Exchange {
 public:
  Exchange() = default;
  explicit Exchange(ConnectionRef connection);
  Exchange(Exchange&&) noexcept = default;
  Exchange& operator=(Exchange&&) noexcept;
  ~Exchange();

  // For Handler::admit_body(): the request goes on, once it is whole. Gives up this Exchange.
  void await_body();

  bool open() const;  // false once answered, or when the connection is gone

  void reply(Response response);
  // The hot path: status 200, JSON; `extra_headers` are whole lines, each ending in CRLF.
  void reply_json(std::string_view body, std::string_view extra_headers = {});
  // A complete answer encoded once for many connections: status line to last body byte. It must
  // carry everything an answer carries (see encode_response).
  void reply_shared(const SharedBytes& whole_response);

  // The answer to come is to be acknowledged when the peer's program has read it, not when its
  // kernel pleases: it goes out in two pieces, because a kernel that delays acknowledgements does
  // so for one short piece and not for a second. Costs a system call and a packet.
  void expedite();

  // Something waits on this connection. One at a time; replaces the previous one without a word.
  // Stays attached through reply() until the hand-over is known. Its calls come from the loop,
  // never from within a method of Exchange; only where the connection is gone already, closed()
  // comes at once. It may be parked after the answer, too.
  void park(std::unique_ptr<Parked> parked);
  Parked* parked() const;

  // Starts an SSE answer: headers go out now; afterwards only write() and finish().
  void open_stream(std::string_view extra_headers = {}, AtEnd at_end = AtEnd::close);
  // False: the connection is gone. Whole events only; never splits what a client sees.
  // Bytes that the socket does not take are kept by reference and written later.
  bool write(const SharedBytes& framed_events);
  std::size_t unwritten() const;  // bytes kept for a slow reader
  // Ends the stream in order. Where the connection stays, a Parked hears what became of the answer
  // as after reply().
  void finish();

  bool acknowledged() const;  // every byte written so far is confirmed by the peer's TCP
  void abort();               // resets the connection; closed() follows

  // Moves the connection to another loop, where the handler sees the same request again, from its
  // bytes. For requests whose entity lives elsewhere. Gives up this Exchange. Only while handle()
  // runs: later the bytes are gone, and the answer is 500.
  void move_to(Loop& loop);
  // How often this request has been moved.
  int moves() const;

 private:
  ConnectionRef connection_;
  std::uint32_t serial_ = 0;  // of the request: what comes later on the connection is not ours
};

// Frames an SSE event exactly as old clients parse it, inside an HTTP chunk:
// `event: <name>\ndata: <one JSON line>\n[id: <id>\n]\n`.
std::string sse_event(std::string_view name, std::string_view data, std::string_view id = {});
std::string http_chunk(std::string_view data);

}  // namespace rogerthat::net
