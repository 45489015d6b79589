// The two clocks, as values. The units and a pair of readings. Reading a clock is the
// business of whoever owns a loop; everything else is told what time it is.
#pragma once

#include <cstdint>

namespace rogerthat {

using Millis = std::int64_t;

struct Now {
  Millis wall = 0;    // since the epoch; may step back
  Millis steady = 0;  // since some start; never steps back: timers and idle times
};

inline constexpr Millis kSecond = 1000;
inline constexpr Millis kMinute = 60 * kSecond;
inline constexpr Millis kHour = 60 * kMinute;
inline constexpr Millis kDay = 24 * kHour;

Now read_clocks();

}  // namespace rogerthat
