// One loop's share of a server. Its listening sockets, its connections' deadlines, the
// buffers that connections take turns with, and its counters.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/address_lists.h"
#include "net/charge.h"
#include "net/connection.h"
#include "net/http_date.h"
#include "net/server_state.h"

namespace rogerthat::net {

// Written by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct LoopCounters {
  Counter accepted, closed, requests, bytes_in, bytes_out;
  Counter refused_connections, refused_requests, timeouts, tls_failures, accept_failures,
      cut_off_for_memory, ended_for_room;
};

class ServerLoop final : public Driver {
 public:
  static constexpr std::size_t kInputBuffer = 64 << 10;
  static constexpr std::size_t kBatchMax = 64 << 10;

  ServerLoop(ServerState& shared_state, Loop& own_loop, std::size_t loop_count);
  ~ServerLoop() override;  // the loop must not be running

  // Any thread; takes effect on the loop's own.
  void start(const std::vector<int>& listening_fds);
  void stop_listening();  // and closes what is idle
  void close_all();
  void close_clients(std::function<bool(const IpAddress&)> which);
  void arrive(Arrival arrival);

  // Driver
  Millis run_timers(Now now) override;
  void end_of_round() override;

  // For the connections of this loop.
  void retire(std::unique_ptr<Parked> parked);  // destroyed when no call of it can be on the stack
  ServerState& state;
  Loop& loop;
  WaitLists waits;
  Tally kept_input;
  Tally kept_output;
  AddressLists addresses;
  LoopCounters counters;
  DateLine date;
  std::unique_ptr<char[]> input;  // kInputBuffer bytes
  std::vector<Header> headers;
  std::string batch;    // answers of the connection that is running
  std::string scratch;  // an answer of any other

 private:
  class Listener final : public Watched {
   public:
    Listener(ServerLoop& home, int fd) : home_(home), fd_(fd) {}
    ~Listener() override;
    void on_ready(std::uint32_t) override { home_.accept_from(*this); }
    int fd() const { return fd_; }

   private:
    ServerLoop& home_;
    const int fd_;
  };

  void accept_from(Listener& listener);
  void admit(int fd, const sockaddr_storage& from);
  void turn_away(int fd, ConnectionLimits::Verdict verdict);
  bool shed_one(const Listener& listener);
  void take_arrivals();

  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Parked>> retired_;
  std::mutex arriving_mutex_;
  std::vector<Arrival> arriving_;
  int spare_fd_ = -1;             // given up to turn a connection away when descriptors run out
  Millis accept_again_ = kNever;  // after descriptors ran out
  bool closing_all_ = false;
};

}  // namespace rogerthat::net
