// What shall happen later on a loop. A few timers, each a job and a time. For things
// that are few; the hub has its own wheel for the many. Belongs to the loop's thread.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "net/loop.h"

namespace rogerthat::net {

class Timers final : public Driver {
 public:
  // Names a timer; one that has fired, or was cancelled, is nobody's and may be cancelled again.
  using Id = std::pair<Millis, std::uint64_t>;

  explicit Timers(Loop& loop);
  ~Timers() override;
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  Id after(Millis delay, Loop::Job job);
  void cancel(Id id) { jobs_.erase(id); }

  // From the loop.
  Millis run_timers(Now now) override;
  void end_of_round() override {}

 private:
  Loop& loop_;
  std::map<Id, Loop::Job> jobs_;
  std::uint64_t last_ = 0;
  Millis told_ = kNever;  // when the loop thinks that it is wanted
};

}  // namespace rogerthat::net
