// Gives memory that was let go of back to the system. The allocator keeps what is freed in small
// pieces, because it may be wanted again: after channels were removed, or many connections closed,
// that is most of the process. Looked at on the main thread, which has nothing else to do.
#pragma once

#include <cstddef>

namespace rogerthat::cli {

class MemoryReturn {
 public:
  // `in_use`: about how many bytes are held for somebody. When that has fallen by much, and falls
  // no more, what the allocator keeps is given back. That takes up to a millisecond a MiB, in which
  // loops may have to wait for memory: so it is not put off while very much goes.
  void look(std::size_t in_use);

 private:
  std::size_t most_ = 0;  // since memory was given back last
  std::size_t last_ = 0;
};

}  // namespace rogerthat::cli
