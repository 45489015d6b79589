// How far one name is from another, counted in slips of the keys. No judgement of what is near.
#pragma once

#include <cstddef>
#include <string_view>

namespace rogerthat {

inline constexpr std::size_t kComparedNameMax = 64;  // longer names are no slips, and cost time

// Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`; of names longer
// than kComparedNameMax the longer one's length.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace rogerthat
