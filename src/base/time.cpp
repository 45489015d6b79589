#include "base/time.h"

#include <ctime>

namespace rogerthat {

namespace {
Millis read(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<Millis>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}
}  // namespace

Now read_clocks() {
  return Now{read(CLOCK_REALTIME), read(CLOCK_MONOTONIC)};
}

}  // namespace rogerthat
