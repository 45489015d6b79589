// Deadlines of many things that all wait equally long: an intrusive list, which is in order of its
// deadlines because each that is armed goes to its end. Arming and disarming are relinks, no heap,
// and only what is due is looked at. Belongs to one thread.
#pragma once

#include "base/time.h"
#include "net/loop.h"

namespace rogerthat::net {

// Something that can wait in a TimerList, in one at a time. Gone from it when it is destroyed.
class Timed {
 public:
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  bool armed() const { return next_ != nullptr; }
  Millis deadline() const { return deadline_; }  // while it is armed

 protected:
  Timed() = default;
  ~Timed() { unlink(); }

 private:
  friend class TimerList;
  void unlink();

  Timed* previous_ = nullptr;
  Timed* next_ = nullptr;
  Millis deadline_ = 0;
};

class TimerList {
 public:
  explicit TimerList(Millis duration);
  TimerList(const TimerList&) = delete;
  TimerList& operator=(const TimerList&) = delete;
  ~TimerList();

  void arm(Timed& who, Millis steady_now);  // anew; leaves any other list
  static void disarm(Timed& who) { who.unlink(); }
  Timed* oldest();  // null: none
  Millis next_deadline() const { return end_.next_ == &end_ ? kNever : end_.next_->deadline_; }

  // Calls due(Timed&) for each whose time has come; they are not armed any more.
  template <class Due>
  void run(Millis steady_now, Due due) {
    while (next_deadline() <= steady_now) {
      Timed& who = *end_.next_;
      disarm(who);
      due(who);
    }
  }
  // Calls visit(Timed&) for each; it must not arm or disarm any.
  template <class Visit>
  void each(Visit visit) {
    for (Timed* who = end_.next_; who != &end_; who = who->next_) visit(*who);
  }

 private:
  struct End final : Timed {};

  const Millis duration_;
  End end_;  // the list is a circle through it
};

}  // namespace rogerthat::net
