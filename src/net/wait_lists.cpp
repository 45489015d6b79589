#include "net/wait_lists.h"

#include <algorithm>

namespace rogerthat::net {

void WaitLists::wait(Waiting& who, Wait kind, Millis steady_now) {
  who.kind = kind;
  lists_[static_cast<std::size_t>(kind)].arm(who, steady_now);
}

Waiting* WaitLists::first(Wait kind) {
  return static_cast<Waiting*>(lists_[static_cast<std::size_t>(kind)].oldest());
}

std::vector<Waiting*> WaitLists::all() {
  std::vector<Waiting*> out;
  for (TimerList& list : lists_) {
    list.each([&out](Timed& who) { out.push_back(static_cast<Waiting*>(&who)); });
  }
  return out;
}

Millis WaitLists::next_deadline() const {
  Millis due = kNever;
  for (std::size_t kind = 1; kind < kWaitKinds; ++kind) {
    due = std::min(due, lists_[kind].next_deadline());
  }
  return due;
}

}  // namespace rogerthat::net
