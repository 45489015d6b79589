// One wheel of timers per shard, none per waiter. A timer is three numbers; what it means is known
// by whoever looks at it when it is due, and a timer that means nothing any more is simply dropped
// then: nothing is ever cancelled.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/time.h"

namespace rogerthat::hub {

struct Timer {
  std::uint32_t kind = 0;
  std::uint32_t slot = 0;        // of the channel
  std::uint32_t generation = 0;  // of the channel's slot
  std::uint32_t number = 0;      // reader, session, ...
  Millis due = 0;                // steady
};

class TimerWheel {
 public:
  static constexpr Millis kTick = 16;
  static constexpr std::size_t kSlots = 4096;  // about 65 s a turn; later ones go round again

  void add(const Timer& timer);
  // Moves every timer due at `now` to `due`.
  void collect(Millis now, std::vector<Timer>& due);
  // Steady; far away when empty. Never too late, sometimes too early: asked every round.
  Millis next_due() const { return next_; }
  std::size_t size() const { return size_; }

 private:
  Millis find_next() const;
  std::vector<std::vector<Timer>> slots_;
  std::size_t size_ = 0;
  Millis current_ = -1;  // tick that was collected last
  Millis next_ = std::numeric_limits<Millis>::max();
};

}  // namespace rogerthat::hub
