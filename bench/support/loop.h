// The event loop of the load generator: one thread, one epoll, many client connections.
// Lives here: connecting, writing, reading, cutting responses apart. Knows no server's routes.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "support/clock.h"
#include "support/response.h"

namespace rogerthat::bench {

// What ends a run: the server did what a scenario does not allow. main() prints it.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ConnectionHandler;

struct Connection {
  int fd = -1;
  std::uint32_t tag = 0;  // the owner's: which reader, which channel
  bool is_stream = false;
  bool listens = false;    // a socket that others connect to
  bool head_seen = false;  // of a stream
  bool wants_write = false;
  Nanos intended = 0;  // the owner's: when the request in flight should have been sent
  Nanos arrived = 0;   // with note_arrivals(): when the kernel had what is handled just now
  ConnectionHandler* handler = nullptr;
  std::string partial;  // bytes that do not make a whole response yet
  std::string unsent;
};

class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void on_response(Connection& connection, const Response& response) = 0;
  // Only of streams: the head of the answer goes to on_response, all that follows comes here.
  virtual void on_bytes(Connection& connection, std::string_view bytes);
  virtual void on_closed(
      Connection& connection);  // by the server; throws Failure unless overridden
};

class Loop {
 public:
  explicit Loop(int port);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Connections leave from 127.0.0.2, .3, ... in turn: a few thousand local ports each.
  Connection& open(ConnectionHandler& handler, bool is_stream = false);
  // Others may connect; what they send comes to on_bytes() as it is. Gives the port.
  int listen(ConnectionHandler& handler);
  void send(Connection& connection, std::string_view bytes);
  void close(Connection& connection);
  void close_all();
  // Connections opened from now on know when the kernel received what they bring: the time that it
  // then lies unread is this generator's and no server's.
  void note_arrivals() { notes_arrivals_ = true; }

  // Handles what is ready, and waits for it until `deadline` at most.
  void poll(Nanos deadline);
  void run_until(Nanos deadline) {
    while (now_ns() < deadline) poll(deadline);
  }
  template <class Done>
  void run_until_done(Done done, Nanos patience, const char* what) {
    const Nanos deadline = now_ns() + patience;
    while (!done()) {
      if (now_ns() > deadline) throw Failure(std::string("gave up waiting for ") + what);
      poll(deadline);
    }
  }

  int port() const { return port_; }

 private:
  void watch(Connection& connection, bool add);
  void accept(Connection& listener);
  void read(Connection& connection);
  ssize_t receive(Connection& connection);
  void flush(Connection& connection);
  void take(Connection& connection, std::string_view bytes);
  void take_stream(Connection& connection, std::string_view bytes);

  static constexpr std::size_t kReadBytes = 256 << 10;

  int port_;
  int epoll_ = -1;
  std::uint32_t opened_ = 0;
  bool notes_arrivals_ = false;
  std::unique_ptr<char[]> buffer_;
  std::deque<Connection> connections_;  // addresses stay: epoll holds them
};

void raise_file_limit();  // to what the system allows

}  // namespace rogerthat::bench
