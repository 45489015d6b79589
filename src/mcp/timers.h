// Deadlines of many things that all wait equally long. Lives here: an intrusive list in the order
// of its deadlines: arming and disarming are relinks, and only what is due is looked at.
#pragma once

#include "base/time.h"
#include "net/loop.h"

namespace rogerthat::mcp {

class TimerList;

class Timed {
 public:
  Timed() = default;
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;
  virtual ~Timed();
  // The time has come. Not armed any more.
  virtual void due(Millis steady_now) = 0;

 private:
  friend class TimerList;
  TimerList* list_ = nullptr;
  Timed* previous_ = nullptr;
  Timed* next_ = nullptr;
  Millis deadline_ = 0;
};

class TimerList {
 public:
  explicit TimerList(Millis duration) : duration_(duration) {}
  TimerList(const TimerList&) = delete;
  TimerList& operator=(const TimerList&) = delete;
  ~TimerList();

  void arm(Timed& who, Millis steady_now);  // anew; leaves any other list
  static void disarm(Timed& who);
  void run(Millis steady_now);
  Timed* oldest() const { return first_; }
  Millis next_deadline() const { return first_ == nullptr ? net::kNever : first_->deadline_; }

 private:
  const Millis duration_;
  Timed* first_ = nullptr;
  Timed* last_ = nullptr;
};

}  // namespace rogerthat::mcp
