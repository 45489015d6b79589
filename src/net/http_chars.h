// Which bytes may stand where in an HTTP message. One table and its look-ups.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/eight_bytes.h"

namespace rogerthat::net {

enum CharClass : std::uint8_t {
  kTokenChar = 1,   // RFC 9110 token: methods and header names
  kTargetChar = 2,  // what a request target may hold; stricter parsers behind us see no surprises
  kHostChar = 4,    // registered names and IPv4 addresses
};

inline constexpr auto kCharClasses = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) table[static_cast<unsigned char>(c)] |= bits;
  };
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
       kTokenChar | kTargetChar | kHostChar);
  mark("!#$%&'*+^`|", kTokenChar);
  mark("!$%&'()*+,/:;=?@[]{}|^`", kTargetChar);
  return table;
}();

inline bool all_of_class(std::string_view text, CharClass wanted) {
  std::uint8_t seen = wanted;
  for (const char c : text) seen &= kCharClasses[static_cast<unsigned char>(c)];
  return (seen & wanted) != 0;
}

inline bool is_of_class(char c, CharClass wanted) {
  return (kCharClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

// C0 other than the tab, and DEL. Eight bytes at a time: header values are most of what is parsed.
inline bool has_control(std::string_view text) {
  const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t eight = eight_bytes::load(at);
    if ((eight_bytes::any_below(eight, 0x20) | eight_bytes::any_is(eight, 0x7f)) == 0) continue;
    for (int i = 0; i < 8; ++i) {
      if (is_control(static_cast<unsigned char>(at[i]))) return true;
    }
  }
  for (; left > 0; ++at, --left) {
    if (is_control(static_cast<unsigned char>(*at))) return true;
  }
  return false;
}

}  // namespace rogerthat::net
