#include "hub/timer_wheel.h"

#include <algorithm>
#include <limits>

namespace rogerthat::hub {

void TimerWheel::add(const Timer& timer) {
  if (slots_.empty()) slots_.resize(kSlots);
  // Never into a slot that has been collected already: it would wait a whole turn.
  const Millis tick = std::max(timer.due / kTick, current_ + 1);
  slots_[static_cast<std::size_t>(tick) % kSlots].push_back(timer);
  next_ = std::min(next_, (tick + 1) * kTick);
  ++size_;
}

void TimerWheel::collect(Millis now, std::vector<Timer>& due) {
  if (now < next_) return;
  const Millis tick = now / kTick - 1;  // the tick of `now` is not over
  const Millis first = std::max(current_ + 1, tick - static_cast<Millis>(kSlots) + 1);
  for (Millis t = first; t <= tick && size_ > 0; ++t) {
    auto& slot = slots_[static_cast<std::size_t>(t) % kSlots];
    std::size_t kept = 0;
    for (const Timer& timer : slot) {
      if (timer.due / kTick <= tick) {
        due.push_back(timer);
      } else {
        slot[kept++] = timer;  // for a later turn
      }
    }
    size_ -= slot.size() - kept;
    slot.resize(kept);
    if (kept == 0 && slot.capacity() > 64) slot.shrink_to_fit();
  }
  current_ = std::max(current_, tick);
  next_ = find_next();
}

Millis TimerWheel::find_next() const {
  if (size_ == 0) return std::numeric_limits<Millis>::max();
  const Millis first = current_ + 1;
  for (Millis t = first; t < first + static_cast<Millis>(kSlots); ++t) {
    for (const Timer& timer : slots_[static_cast<std::size_t>(t) % kSlots]) {
      if (timer.due / kTick <= t) return (t + 1) * kTick;
    }
  }
  return (first + static_cast<Millis>(kSlots)) * kTick;  // only timers of later turns
}

}  // namespace rogerthat::hub
