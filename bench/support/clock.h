// The clock of the load generator: steady nanoseconds. Lives here: one reading, nothing else.
#pragma once

#include <cstdint>

#include <time.h>

namespace rogerthat::bench {

using Nanos = std::int64_t;

inline constexpr Nanos kNanosPerSecond = 1'000'000'000;
inline constexpr Nanos kNanosPerMilli = 1'000'000;

inline Nanos now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * kNanosPerSecond + t.tv_nsec;
}

}  // namespace rogerthat::bench
