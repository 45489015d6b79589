// What the endpoint keeps on one loop: open streams, broken answers that wait for their client, and
// the timers of both. Belongs to the loop's thread; the counters may be read by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "mcp/due.h"
#include "mcp/session_directory.h"
#include "net/loop.h"

namespace rogerthat::mcp {

class GetStream;
class HttpCall;
class Subscription;

// Written by one thread, read by any.
class Gauge {
 public:
  void add() { set(get() + 1); }
  void remove() { set(get() - 1); }
  std::size_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  void set(std::size_t value) { value_.store(value, std::memory_order_relaxed); }
  std::atomic<std::size_t> value_{0};
};

class HttpShard final : public net::Driver, public std::enable_shared_from_this<HttpShard> {
 public:
  // What all broken answers of a loop may keep; beyond it the oldest are given up.
  static constexpr std::size_t kKeptBytesMax = 64 << 20;

  struct Options {
    Millis heartbeat;
    Millis resume_window;
    std::function<void(std::uint32_t shard, int status)> answered;
  };

  HttpShard(std::uint32_t number, net::Loop& loop, SessionDirectory& sessions, Options options);

  Millis run_timers(Now now) override;
  void end_of_round() override {}

  Millis now() const { return loop.now().steady; }
  void count_answer(int status) const {
    if (options_.answered) options_.answered(number, status);
  }
  void charge_kept(std::size_t add, std::size_t remove);
  void list_changed(List list);
  void drain();
  bool draining() const { return draining_; }
  void give_up_broken();  // at the end: no client comes back any more

  const std::uint32_t number;
  net::Loop& loop;
  SessionDirectory& sessions;
  net::TimerList beats;                                  // streams that are open
  net::TimerList broken;                                 // answers that wait for their client
  std::unordered_map<std::uint64_t, HttpCall*> streams;  // of calls that can be resumed
  std::uint64_t stream_count = 0;
  std::unordered_set<Subscription*> subscriptions;
  std::unordered_set<GetStream*> get_streams;
  Gauge calls, open_streams, open_subscriptions;

 private:
  void give_up_oldest();

  const Options options_;
  std::size_t kept_bytes_ = 0;
  std::size_t next_stripe_ = 0;
  Millis next_sweep_ = 0;
  bool draining_ = false;
};

}  // namespace rogerthat::mcp
