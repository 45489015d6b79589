// What the operating system says of this process. It reads /proc/self and nothing else.
#pragma once

#include <cstdint>

namespace rogerthat::watch {

struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;  // the soft limit
  std::uint64_t threads = 0;
  double cpu_seconds = 0;  // user and system
};

std::uint64_t read_resident_bytes();
// Opens a few files in /proc: for the route of the metrics, not for every request.
ProcessStats read_process_stats();

}  // namespace rogerthat::watch
