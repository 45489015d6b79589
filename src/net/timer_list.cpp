#include "net/timer_list.h"

namespace rogerthat::net {

void Timed::unlink() {
  if (!armed()) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = next_ = nullptr;
}

TimerList::TimerList(Millis duration) : duration_(duration) {
  end_.previous_ = end_.next_ = &end_;
}

TimerList::~TimerList() {
  while (Timed* const who = oldest()) disarm(*who);
}

void TimerList::arm(Timed& who, Millis steady_now) {
  disarm(who);
  who.deadline_ = steady_now + duration_;
  who.previous_ = end_.previous_;
  who.next_ = &end_;
  end_.previous_->next_ = &who;
  end_.previous_ = &who;
}

Timed* TimerList::oldest() {
  return end_.next_ == &end_ ? nullptr : end_.next_;
}

}  // namespace rogerthat::net
