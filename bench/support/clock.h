// The clocks of the load generator: steady nanoseconds, and those that the kernel stamps with.
#pragma once

#include <cstdint>

#include <time.h>

namespace rogerthat::bench {

using Nanos = std::int64_t;

inline constexpr Nanos kNanosPerSecond = 1'000'000'000;
inline constexpr Nanos kNanosPerMilli = 1'000'000;

inline Nanos to_nanos(const timespec& t) {
  return t.tv_sec * kNanosPerSecond + t.tv_nsec;
}

inline Nanos now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return to_nanos(t);
}

inline Nanos wall_ns() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return to_nanos(t);
}

}  // namespace rogerthat::bench
