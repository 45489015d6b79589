// A server on loopback for one test, and a client that speaks bytes: threads, sockets and waiting
// with a limit; no assertions about HTTP.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/server.h"

namespace rogerthat::net {

inline constexpr int kPatienceMillis = 20'000;  // a test that waits longer has failed

// Answers by what the test sets. Refusals read "<status> <reason>".
class TestHandler final : public Handler {
 public:
  std::function<void(const Request&, Exchange)> on_request;
  std::function<void(const Request&, Exchange)> on_body_due;  // empty: every body may come
  std::size_t limit = 1 << 20;

  void handle(const Request& request, Exchange exchange) override {
    on_request(request, std::move(exchange));
  }
  void admit_body(const Request& request, Exchange exchange) override {
    if (!on_body_due) return exchange.await_body();
    on_body_due(request, std::move(exchange));
  }
  std::size_t body_limit(Method, std::string_view path) override {
    return path == "/small" ? 16 : limit;
  }
  std::string refusal_body(int status, std::string_view reason) override {
    return std::to_string(status) + " " + std::string(reason);
  }
};

// Something that happens on a loop and is awaited by the test.
class Signal {
 public:
  void raise(std::string what = {});
  std::string await();  // the oldest not yet seen; throws when it takes too long
  bool raised() const;  // something is there to be seen

 private:
  mutable std::mutex mutex_;
  std::condition_variable condition_;
  std::vector<std::string> raised_;
};

class LiveServer {
 public:
  explicit LiveServer(ServerOptions options = {}, std::size_t loop_count = 1);
  ~LiveServer();

  void start();  // after `handler` has been set up
  void stop();   // the loops stand still, and the server is gone
  // Runs a job on a loop and waits for it.
  void on_loop(std::function<void()> job, std::size_t loop = 0);
  Loop& loop(std::size_t number) { return *loops_[number]; }
  int port() const { return server->port(); }

  TestHandler handler;
  std::unique_ptr<Server> server;

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
};

struct Answer {
  int status = 0;
  std::string head;  // with the status line, without the empty line
  std::string body;
  std::string header(std::string_view name) const;  // empty: absent
};

class Client {
 public:
  explicit Client(int port, const char* host = "127.0.0.1", int receive_buffer = 0);
  explicit Client(const LiveServer& server) : Client(server.port()) {}
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes);
  void get(std::string_view path);
  Answer answer(bool head_only = false);  // by Content-Length, or chunks; throws on silence
  std::string read_some();                // empty: the end
  std::string read_to_end();
  std::string read_until(std::string_view mark);
  bool at_end();  // waits for the peer to close; a reset counts
  void finish_sending();
  void reset();  // closes so that the peer sees an RST
  void close();
  int fd() const { return fd_; }

 private:
  bool fill();
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace rogerthat::net
