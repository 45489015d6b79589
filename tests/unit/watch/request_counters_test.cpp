#include "watch/request_counters.h"

#include <gtest/gtest.h>

namespace rogerthat::watch {
namespace {

TEST(RequestCounters, AddUpOverShardsUnderTheNamesThatTheyAreGiven) {
  RequestCounters counters(2, {"join", "send"});
  counters.count(0, 1, 200);
  counters.count(1, 1, 200);
  counters.count(1, 1, 429);
  counters.count(0, 2, 404);
  counters.refuse(1, RefusalReason::foreign_host);
  const auto requests = counters.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].route, "send");
  EXPECT_EQ(requests[0].status, 200);
  EXPECT_EQ(requests[0].count, 2u);
  EXPECT_EQ(requests[1].status, 429);
  EXPECT_EQ(requests[2].route, "unmatched");
  EXPECT_EQ(counters.refusals()[0].count, 1u);
}

}  // namespace
}  // namespace rogerthat::watch
