#include "base/edit_distance.h"

#include <algorithm>
#include <array>

namespace rogerthat {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (a.size() > kComparedNameMax || b.size() > kComparedNameMax) {
    return std::max(a.size(), b.size());
  }
  using Row = std::array<std::size_t, kComparedNameMax + 1>;
  std::array<Row, 3> rows;
  Row* before_last = &rows[0];
  Row* last = &rows[1];
  Row* row = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*last)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    (*row)[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = (*last)[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      (*row)[j] = std::min({(*last)[j] + 1, (*row)[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) (*row)[j] = std::min((*row)[j], (*before_last)[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return (*last)[b.size()];
}

}  // namespace rogerthat
