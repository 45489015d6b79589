#include "base/utf8.h"

#include <cstdint>

#include <simdjson.h>

#include "base/eight_bytes.h"

namespace rogerthat {

namespace {
bool is_continuation(char c) {
  return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool has_c1_at(std::string_view text, std::size_t i) {  // U+0080..U+009F is C2 80..C2 9F
  return static_cast<std::uint8_t>(text[i]) == 0xc2 && i + 1 < text.size() &&
         static_cast<std::uint8_t>(text[i + 1]) < 0xa0;
}
}  // namespace

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text);
}

std::size_t count_code_points(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += is_continuation(c) ? 0 : 1;
  return n;
}

bool has_forbidden_control(std::string_view text) {
  using namespace eight_bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size()) {
      const std::uint64_t eight = load(text.data() + i);
      if ((any_below(eight, 0x20) | any_is(eight, 0x7f) | any_is(eight, 0xc2)) != 0) break;
      i += 8;
    }
    if (i == text.size()) break;
    const auto c = static_cast<std::uint8_t>(text[i]);
    if (c >= 0x20 && c != 0x7f && c != 0xc2) continue;
    if (c == '\t' || c == '\n' || c == '\r') continue;
    if (c != 0xc2 || has_c1_at(text, i)) return true;
  }
  return false;
}

bool has_control_or_line_break(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<std::uint8_t>(text[i]);
    if (c < 0x20 || c == 0x7f || has_c1_at(text, i)) return true;
    if (c == 0xe2 && i + 2 < text.size() && static_cast<std::uint8_t>(text[i + 1]) == 0x80) {
      const auto last = static_cast<std::uint8_t>(text[i + 2]);
      if (last == 0xa8 || last == 0xa9) return true;  // U+2028, U+2029
    }
  }
  return false;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto same_eight = [&](std::size_t at) {
    return eight_bytes::lower_ascii(eight_bytes::load(a.data() + at)) ==
           eight_bytes::lower_ascii(eight_bytes::load(b.data() + at));
  };
  if (a.size() >= 8) {
    for (std::size_t i = 0; i + 8 < a.size(); i += 8) {
      if (!same_eight(i)) return false;
    }
    return same_eight(a.size() - 8);  // may look at some of them twice
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view cut_to_code_points(std::string_view text, std::size_t code_points) {
  std::size_t i = 0;
  while (i < text.size() && code_points > 0) {
    ++i;
    while (i < text.size() && is_continuation(text[i])) ++i;
    --code_points;
  }
  return text.substr(0, i);
}

}  // namespace rogerthat
