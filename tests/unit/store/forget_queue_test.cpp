#include "store/forget_queue.h"

#include <gtest/gtest.h>

namespace rogerthat::store {
namespace {

std::vector<std::pair<Seq, Seq>> take_all(ForgetQueue& queue, std::int64_t max = 1000) {
  std::vector<std::pair<Seq, Seq>> runs;
  while (const auto run = queue.take(max)) runs.emplace_back(run->first, run->last);
  return runs;
}

using Runs = std::vector<std::pair<Seq, Seq>>;

TEST(ForgetQueue, GivesRunsInRisingOrder) {
  ForgetQueue queue;
  queue.add(std::vector<Seq>{9, 3, 1, 2});
  queue.add(std::vector<Seq>{10, 7, 3});
  EXPECT_EQ(take_all(queue), (Runs{{1, 3}, {7, 7}, {9, 10}}));
}

TEST(ForgetQueue, CutsLongRuns) {
  ForgetQueue queue;
  queue.add(std::vector<Seq>{1, 2, 3, 4, 5});
  EXPECT_EQ(take_all(queue, 2), (Runs{{1, 2}, {3, 4}, {5, 5}}));
}

TEST(ForgetQueue, GivesAgainWhatWasUndone) {
  ForgetQueue queue;
  queue.add(std::vector<Seq>{1, 2, 8});
  EXPECT_EQ(queue.take(1)->last, 1);
  queue.confirm();
  EXPECT_EQ(take_all(queue), (Runs{{2, 2}, {8, 8}}));
  queue.undo();
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(take_all(queue), (Runs{{2, 2}, {8, 8}}));
}

TEST(ForgetQueue, TakesUpWhatCameMeanwhileAfterwards) {
  ForgetQueue queue;
  queue.add(std::vector<Seq>{5});
  EXPECT_TRUE(queue.take(10));
  queue.add(std::vector<Seq>{4});
  EXPECT_FALSE(queue.take(10));  // 5 may still have to be given again
  queue.confirm();
  EXPECT_EQ(take_all(queue), (Runs{{4, 4}}));
  queue.confirm();
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace rogerthat::store
