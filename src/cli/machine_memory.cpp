#include "cli/machine_memory.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace rogerthat::cli {

namespace {

// "max" is no limit; files that are not there are none, either.
std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// The limits of a group and of all that it is in. Within a container its own group is the root.
void limit_by_groups(const std::string& root, std::string group, const std::string& file,
                     std::uint64_t& memory) {
  while (true) {
    if (const auto limit = number_in(fmt::format("{}{}/{}", root, group, file)))
      memory = std::min(memory, *limit);
    if (group.empty()) return;
    group.resize(group.rfind('/'));
  }
}

}  // namespace

std::uint64_t usable_memory() {
  std::uint64_t memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::ifstream groups("/proc/self/cgroup");  // "0::/a/b", or "7:memory:/a/b" in version 1
  for (std::string line; std::getline(groups, line);) {
    const std::size_t path = line.find(":/");
    if (path == std::string::npos) continue;
    std::string group = line.substr(path + 1);
    if (group == "/") group.clear();
    if (line.starts_with("0::")) {
      limit_by_groups("/sys/fs/cgroup", group, "memory.max", memory);
    } else if (line.find(":memory:") != std::string::npos) {
      limit_by_groups("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", memory);
    }
  }
  return memory;
}

}  // namespace rogerthat::cli
