#include "watch/overview.h"

#include <gtest/gtest.h>

namespace rogerthat::watch {
namespace {

TEST(Rates, AreMeasuredBetweenTwoLooks) {
  MetricsInput input;
  input.shards.resize(2);
  RateMeter meter(10'000);
  input.http.requests = 100;
  input.shards[0].messages = 4;
  const Rates first = meter.measure(input, 12'000);  // since the start
  EXPECT_DOUBLE_EQ(first.requests, 50);
  EXPECT_DOUBLE_EQ(first.messages, 2);
  input.http.requests = 150;
  const Rates soon = meter.measure(input, 12'500);
  EXPECT_DOUBLE_EQ(soon.requests, 60);  // still since the start
  input.http.requests = 300;
  const Rates later = meter.measure(input, 14'000);
  EXPECT_DOUBLE_EQ(later.requests, 100);  // since the look at 12'000
  EXPECT_DOUBLE_EQ(later.seconds, 2);
  EXPECT_DOUBLE_EQ(later.messages, 0);
}

}  // namespace
}  // namespace rogerthat::watch
