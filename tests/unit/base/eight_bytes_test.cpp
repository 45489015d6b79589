// What looks at eight characters at a time says what looking at each of them would say, wherever in
// a text the one that matters stands.
#include "base/eight_bytes.h"

#include <array>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/utf8.h"

namespace rogerthat {
namespace {

constexpr std::size_t kLengthMax = 20;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

TEST(EightBytes, LettersAreTheSameInEitherCaseAndNothingElseIs) {
  for (std::size_t length = 1; length <= kLengthMax; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string a(length, 'k');
      std::string b(length, 'K');
      for (int x = 0; x < 256; ++x) {
        a[at] = static_cast<char>(x);
        for (const int y : {x, x ^ 0x20, x ^ 0x80, x + 1}) {
          b[at] = static_cast<char>(y);
          ASSERT_EQ(equal_ignoring_case(a, b), lower(a[at]) == lower(b[at]))
              << length << " long, at " << at << ": " << x << " and " << (y & 0xff);
        }
      }
    }
  }
}

TEST(EightBytes, AForbiddenControlIsSeenEverywhere) {
  const std::array forbidden{std::string(1, '\0'), std::string("\x1f"), std::string("\x7f"),
                             std::string("\xc2\x80"), std::string("\xc2\x9f")};
  const std::array allowed{std::string("\t"),       std::string("\r\n"),
                           std::string(" "),        std::string("\x7e"),
                           std::string("\xc2\xa0"), std::string("\xe2\x82\xac")};
  for (std::size_t length = 0; length <= kLengthMax; ++length) {
    for (std::size_t at = 0; at <= length; ++at) {
      std::string ordinary(length, 'x');
      for (const std::string& text : allowed) {
        ordinary.insert(at, text);
        EXPECT_FALSE(has_forbidden_control(ordinary)) << length << " long, at " << at;
      }
      for (const std::string& text : forbidden) {
        EXPECT_TRUE(has_forbidden_control(std::string(ordinary).insert(at, text)))
            << length << " long, at " << at;
      }
    }
  }
}

TEST(EightBytes, WhatMustBeEscapedIsEscapedEverywhere) {
  const std::array<std::pair<std::string, std::string>, 7> escapes{{{"\"", "\\\""},
                                                                    {"\\", "\\\\"},
                                                                    {"\n", "\\n"},
                                                                    {"\x01", "\\u0001"},
                                                                    {"\x7f", "\\u007f"},
                                                                    {"\x1f\x1f", "\\u001f\\u001f"},
                                                                    {"\xc3\xa9", "\xc3\xa9"}}};
  for (std::size_t length = 0; length <= kLengthMax; ++length) {
    for (std::size_t at = 0; at <= length; ++at) {
      const std::string ordinary(length, 'x');
      for (const auto& [raw, escaped] : escapes) {
        std::string out;
        append_json_string(out, std::string(ordinary).insert(at, raw));
        EXPECT_EQ(out, '"' + std::string(ordinary).insert(at, escaped) + '"');
      }
    }
  }
}

}  // namespace
}  // namespace rogerthat
