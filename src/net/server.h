// The HTTP server of one process: listening sockets, connections and their limits, TLS, drain.
// Configuration and life cycle. Knows nothing of channels.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "net/exchange.h"
#include "net/loop.h"

namespace rogerthat::net {

struct ServerOptions {
  std::string host = "127.0.0.1";  // address or name; "0.0.0.0" and "::" bind to all
  int port = 7424;                 // 0: a free one
  std::vector<IpNetwork> trusted_proxies = {};
  std::string client_address_header = {};  // "CF-Connecting-IP" and the like; empty: not used
  std::string tls_certificate_file = {};   // both or none
  std::string tls_key_file = {};
  std::size_t header_bytes_max = 16 << 10;
  std::size_t body_bytes_max = 1 << 20;
  Millis header_time_max = 10 * kSecond;  // from the first byte to the end of the header
  Millis body_time_max = 30 * kSecond;
  Millis idle_time_max = 75 * kSecond;    // between requests
  Millis write_stall_max = 30 * kSecond;  // an answer that makes no progress
  std::size_t connections_max = 100'000;
  // What clients can make the server keep: incomplete requests, and answers of their own that they
  // do not read. Beyond it who keeps most is answered 503, or cut off.
  std::size_t kept_input_bytes_max = 256 << 20;
  std::size_t kept_output_bytes_max = 256 << 20;
  std::size_t connections_per_address_max = 20'000;
  std::size_t requests_per_connection_max = 1'000'000;
};

// What the server asks of the room above.
class Handler {
 public:
  virtual ~Handler() = default;
  // Called on the loop that owns the connection. The request dies when this returns.
  virtual void handle(const Request& request, Exchange exchange) = 0;
  // The body of this request is not there yet, and none of it is kept before this has been asked:
  // await_body() lets it come, and handle() follows with all of it; an answer, given before this
  // returns, ends the connection without it. After move_to() this is asked again there.
  virtual void admit_body(const Request&, Exchange exchange) { exchange.await_body(); }
  // The largest body for this request line; asked before a body is read (413 before 100-continue).
  virtual std::size_t body_limit(Method method, std::string_view path) = 0;
  // A request that never reached handle(): the answer's body for a status, as the API words it.
  virtual std::string refusal_body(int status, std::string_view reason) = 0;
};

struct ServerCounters {  // summed over loops; for metrics
  std::uint64_t accepted = 0, closed = 0, open = 0;
  std::uint64_t requests = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t refused_connections = 0, refused_requests = 0, timeouts = 0, tls_failures = 0;
  std::uint64_t accept_failures = 0;
  std::uint64_t cut_off_for_memory = 0;
  std::uint64_t ended_for_room = 0;
  std::uint64_t kept_input_bytes = 0, kept_output_bytes = 0;
};

class Server {
 public:
  // One listening socket per loop (SO_REUSEPORT). Loops are run by the caller's threads. The server
  // is destroyed before its loops and its handler, after the loops have stopped for good.
  Server(ServerOptions options, const std::vector<Loop*>& loops, Handler& handler);
  ~Server();

  Result<void> listen();  // a sentence that names address and remedy where it fails
  int port() const;
  Result<void> reload_tls();  // reads the certificate files again; new connections use them

  // Stops accepting; idle connections close; the next answer of a busy one says
  // `Connection: close`. Any thread.
  void begin_drain();
  bool drained() const;  // no connection is left
  void close_all();      // what remains, at once
  // Closes the connections on which such a client, behind trusted proxies, has asked last.
  void close_clients(const std::function<bool(const IpAddress&)>& which);

  ServerCounters counters() const;
  const ServerOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole answer as bytes, for reply_shared: everything the connection would add except `Date`.
std::string encode_response(const Response& response, bool secure);

}  // namespace rogerthat::net
