#include "client/backoff.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace rogerthat::client {
namespace {

TEST(BackoffTimes, GrowsToItsBoundAndBeginsAgain) {
  SeededRandom random(1);
  Backoff backoff(random, 100, 1000);
  Millis most = 100;
  for (int i = 0; i < 20; ++i) {
    const Millis wait = backoff.next();
    EXPECT_GE(wait, most / 2);
    EXPECT_LE(wait, most);
    most = std::min<Millis>(most * 2, 1000);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 100);
}

}  // namespace
}  // namespace rogerthat::client
