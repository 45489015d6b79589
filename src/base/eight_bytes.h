// Eight characters at a time, as one number. For loops over text in which nearly every character is
// an ordinary one: they look closer only where a group of eight holds one that is not.
#pragma once

#include <cstdint>
#include <cstring>

namespace rogerthat::eight_bytes {

inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kHighs = 0x8080808080808080;

inline std::uint64_t load(const char* at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  return eight;
}

// Not zero where any of them is below `limit` (at most 0x80), or is `c`. Not which: what one
// borrows reaches its neighbours.
inline std::uint64_t any_below(std::uint64_t eight, std::uint8_t limit) {
  return (eight - kOnes * limit) & ~eight & kHighs;
}
inline std::uint64_t any_is(std::uint64_t eight, std::uint8_t c) {
  return any_below(eight ^ (kOnes * c), 1);
}

// A to Z become a to z, every other byte stays.
inline std::uint64_t lower_ascii(std::uint64_t eight) {
  const std::uint64_t low_bits = eight & ~kHighs;
  const std::uint64_t from_a = low_bits + kOnes * (0x80 - 'A');
  const std::uint64_t beyond_z = low_bits + kOnes * (0x7f - 'Z');
  const std::uint64_t upper = (from_a ^ beyond_z) & ~eight & kHighs;
  return eight | (upper >> 2);
}

}  // namespace rogerthat::eight_bytes
