// A disk that fails when told to: an SQLite VFS over the default one, which passes all on and lets
// writes or syncs of the process's databases fail.
#pragma once

#include <atomic>

namespace rogerthat::store {

// Exists at most once at a time. Databases opened meanwhile go through it, and must be closed
// before it goes.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  std::atomic<bool> writes_fail{false};  // with an I/O error
  std::atomic<bool> syncs_fail{false};   // likewise: what was written is there, but not durable
};

}  // namespace rogerthat::store
