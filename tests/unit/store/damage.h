// Records whose bytes were damaged: nothing worse comes of it than a refusal, or another record.
#pragma once

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace rogerthat::store {

// Damages `whole` thousands of times. What is refused is refused; whatever can still be read is
// written and read again without a difference: no field holds what its kind cannot.
template <class Decode, class Encode>
void expect_written_as_read(const std::string& whole, Decode decode, Encode encode) {
  constexpr int kRounds = 20'000;
  SeededRandom random(7);
  int readable = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 2; ++i) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    }
    const auto decoded = decode(damaged);
    if (!decoded) continue;
    ++readable;
    const std::string once = encode(*decoded);
    const auto again = decode(once);
    ASSERT_TRUE(again) << testing::PrintToString(damaged);
    ASSERT_EQ(encode(*again), once) << testing::PrintToString(damaged);
  }
  EXPECT_GT(readable, 0);
  EXPECT_LT(readable, kRounds);
}

}  // namespace rogerthat::store
