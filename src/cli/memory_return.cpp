#include "cli/memory_return.h"

#include <algorithm>
#include <utility>

#include <malloc.h>

#include "base/log.h"
#include "base/time.h"
#include "watch/process_stats.h"

namespace rogerthat::cli {

namespace {
constexpr std::size_t kMuch = 16 << 20;  // ... and an eighth: less is not worth the wait
constexpr std::size_t kShare = 8;
constexpr std::size_t kStill = 1 << 20;
constexpr std::size_t kVeryMuch = 256 << 20;
}  // namespace

void MemoryReturn::look(std::size_t in_use) {
  most_ = std::max(most_, in_use);
  const bool falls = std::exchange(last_, in_use) > in_use + kStill;
  const std::size_t gone = most_ - in_use;
  if (gone < std::max(kMuch, most_ / kShare) || (falls && gone < kVeryMuch)) return;
  most_ = in_use;
  const std::uint64_t resident = watch::read_resident_bytes();
  const Millis begin = read_clocks().steady;
  malloc_trim(0);
  log(LogLevel::debug, "memory given back",
      {{"bytes", resident - std::min(resident, watch::read_resident_bytes())},
       {"ms", read_clocks().steady - begin}});
}

}  // namespace rogerthat::cli
