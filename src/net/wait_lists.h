// When connections run out of time: one list per kind of wait. The lists also know every connection
// of a loop.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/time.h"
#include "net/timer_list.h"

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

struct Waiting : Timed {
  Wait kind = Wait::nothing;
};

class WaitLists {
 public:
  using Durations = std::array<Millis, kWaitKinds>;  // of `nothing`: unused

  explicit WaitLists(const Durations& durations)
      : WaitLists(durations, std::make_index_sequence<kWaitKinds>()) {}

  // Begins anew; leaves what it waited for before.
  void wait(Waiting& who, Wait kind, Millis steady_now);
  Waiting* first(Wait kind);  // null: none
  std::vector<Waiting*> all();
  Millis next_deadline() const;  // kNever: none

 private:
  template <std::size_t... kKinds>
  WaitLists(const Durations& durations, std::index_sequence<kKinds...>)
      : lists_{TimerList(durations[kKinds])...} {}

  std::array<TimerList, kWaitKinds> lists_;
};

}  // namespace rogerthat::net
