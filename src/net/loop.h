// One event loop: a thread's epoll, its mailbox and its clock. Knows nothing of HTTP.
// Everything but post() and stop() is called on the loop's own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "base/time.h"

namespace rogerthat::net {

// Something with a file descriptor that the loop watches.
class Watched {
 public:
  virtual ~Watched() = default;
  virtual void on_ready(std::uint32_t epoll_events) = 0;
};

inline constexpr Millis kNever = std::numeric_limits<Millis>::max();

// The runtime that lives on a loop (a shard of the hub). Called by the loop on its thread.
class Driver {
 public:
  virtual ~Driver() = default;
  // Runs what is due; returns the steady time at which it wants to be called next, or kNever.
  virtual Millis run_timers(Now now) = 0;
  // After each round of events, before the loop sleeps: hand what has piled up to its next room.
  virtual void end_of_round() = 0;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void set_driver(Driver* driver);
  // More of them, in the order of attaching: what else lives on this loop and has timers.
  void attach(Driver* driver);
  void detach(Driver* driver);
  void run();   // until stop()
  void stop();  // any thread
  using Job = std::move_only_function<void()>;
  void post(Job job);  // any thread; the job runs on the loop's thread, in order. Wakes the loop.

  Now now() const;         // read once per round
  static Loop* current();  // the loop whose thread this is, or null

  // Edge-triggered. After unwatch() `what` hears nothing more, also of events that this round has
  // already fetched, and may be destroyed.
  bool watch(int fd, std::uint32_t epoll_events, Watched* what);
  void unwatch(int fd, Watched* what);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rogerthat::net
