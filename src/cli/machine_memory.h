// How much memory this process may use: what the machine has, or less where its cgroup says so.
#pragma once

#include <cstdint>

namespace rogerthat::cli {

std::uint64_t usable_memory();

}  // namespace rogerthat::cli
