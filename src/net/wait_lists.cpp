#include "net/wait_lists.h"

#include <algorithm>

#include "net/loop.h"

namespace rogerthat::net {

WaitLists::WaitLists(const std::array<Millis, kWaitKinds>& durations) : durations_(durations) {
  for (Waiting& head : heads_) head.previous = head.next = &head;
}

void WaitLists::add(Waiting& who, Wait kind, Millis steady_now) {
  Waiting& head = heads_[static_cast<std::size_t>(kind)];
  who.kind = kind;
  who.deadline = steady_now + durations_[static_cast<std::size_t>(kind)];
  who.previous = head.previous;
  who.next = &head;
  head.previous->next = &who;
  head.previous = &who;
}

void WaitLists::move(Waiting& who, Wait kind, Millis steady_now) {
  remove(who);
  add(who, kind, steady_now);
}

void WaitLists::remove(Waiting& who) {
  who.previous->next = who.next;
  who.next->previous = who.previous;
  who.previous = who.next = nullptr;
}

Waiting* WaitLists::first(Wait kind) {
  Waiting& head = heads_[static_cast<std::size_t>(kind)];
  return head.next == &head ? nullptr : head.next;
}

std::vector<Waiting*> WaitLists::all() {
  std::vector<Waiting*> out;
  for (Waiting& head : heads_) {
    for (Waiting* who = head.next; who != &head; who = who->next) out.push_back(who);
  }
  return out;
}

Millis WaitLists::next_deadline() const {
  Millis due = kNever;
  for (std::size_t kind = 1; kind < kWaitKinds; ++kind) {
    const Waiting& head = heads_[kind];
    if (head.next != &head) due = std::min(due, head.next->deadline);
  }
  return due;
}

}  // namespace rogerthat::net
