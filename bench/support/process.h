// What a server process costs, and starting one. Lives here: CPU time and memory out of /proc, a
// child that never outlives its owner. No HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/clock.h"

namespace rogerthat::bench {

struct CpuTime {
  double user_seconds = 0;
  double system_seconds = 0;
  double core_busy_seconds = 0;      // of the core that the server is pinned to, whoever used it
  double own_core_busy_seconds = 0;  // of the core that we run on, whoever used it
  double own_seconds = 0;  // of the load generator: near 1 a second, it was the bottleneck
  Nanos at = 0;
};

// Of the process and its children (nginx works in one). `core` < 0: no core is watched.
CpuTime read_cpu_time(pid_t pid, int core);

struct MemoryUse {
  std::int64_t resident_bytes = 0;
  std::int64_t private_bytes = 0;  // anonymous and shared-anonymous pages, by proportional share
  std::int64_t kernel_bytes = 0;   // slab and socket buffers of the whole machine
};

MemoryUse read_memory_use(pid_t pid);

class Child {
 public:
  // Runs argv with its output thrown away (its errors go to ours), on one core if core >= 0.
  Child(const std::vector<std::string>& argv, int core);
  ~Child();  // kills and reaps
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  bool ended();
  void kill_now();            // SIGKILL, reaped
  bool stop(Nanos patience);  // SIGTERM, then kill_now; true when it went by itself
 private:
  pid_t pid_ = -1;
};

}  // namespace rogerthat::bench
