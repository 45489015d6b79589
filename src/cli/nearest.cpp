#include "cli/nearest.h"

#include <algorithm>
#include <cstddef>

#include "base/edit_distance.h"

namespace rogerthat::cli {

std::string_view nearest_name(std::string_view given, std::span<const std::string_view> known) {
  if (given.size() > kComparedNameMax) return {};
  std::string_view nearest;
  std::size_t shortest = std::max<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string_view name : known) {
    const std::size_t d = edit_distance(given, name);
    if (d < shortest && d < name.size()) {
      shortest = d;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace rogerthat::cli
