#include "mcp/timers.h"

namespace rogerthat::mcp {

Timed::~Timed() {
  TimerList::disarm(*this);
}

TimerList::~TimerList() {
  while (first_ != nullptr) disarm(*first_);
}

void TimerList::disarm(Timed& who) {
  TimerList* const list = who.list_;
  if (list == nullptr) return;
  (who.previous_ == nullptr ? list->first_ : who.previous_->next_) = who.next_;
  (who.next_ == nullptr ? list->last_ : who.next_->previous_) = who.previous_;
  who.list_ = nullptr;
  who.previous_ = who.next_ = nullptr;
}

void TimerList::arm(Timed& who, Millis steady_now) {
  disarm(who);
  who.list_ = this;
  who.deadline_ = steady_now + duration_;
  who.previous_ = last_;
  (last_ == nullptr ? first_ : last_->next_) = &who;
  last_ = &who;
}

void TimerList::run(Millis steady_now) {
  while (first_ != nullptr && first_->deadline_ <= steady_now) {
    Timed& who = *first_;
    disarm(who);
    who.due(steady_now);
  }
}

}  // namespace rogerthat::mcp
