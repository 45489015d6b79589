// When connections run out of time. Lives here: one list per kind of wait. All waits of a kind last
// equally long, so each list is in order of its deadlines and arming one is a relink: no heap, no
// timer per connection. The lists also know every connection of a loop.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace rogerthat::net {

enum class Wait : std::uint8_t {
  nothing,  // an answer is owed by the rooms above: they have timers of their own
  idle,     // for a request
  header,   // for the rest of a header, or of a handshake
  body,
  write,   // for the peer to read
  settle,  // for the peer's TCP to acknowledge an answer that a request has overtaken
  linger,  // for the peer to close
};
inline constexpr std::size_t kWaitKinds = 7;

struct Waiting {
  Waiting* previous = nullptr;
  Waiting* next = nullptr;
  Millis deadline = 0;
  Wait kind = Wait::nothing;
};

class WaitLists {
 public:
  explicit WaitLists(const std::array<Millis, kWaitKinds>& durations);  // of `nothing`: unused
  WaitLists(const WaitLists&) = delete;
  WaitLists& operator=(const WaitLists&) = delete;

  void add(Waiting& who, Wait kind, Millis steady_now);
  void move(Waiting& who, Wait kind, Millis steady_now);  // begins anew
  void remove(Waiting& who);
  Waiting* first(Wait kind);  // null: none
  std::vector<Waiting*> all();
  Millis next_deadline() const;  // kNever: none

 private:
  std::array<Millis, kWaitKinds> durations_;
  std::array<Waiting, kWaitKinds> heads_;  // circular; a head links to itself while it is empty
};

}  // namespace rogerthat::net
