// The small parts of the hub: timers, limits, workers, placement.
#include <atomic>
#include <latch>
#include <limits>

#include <gtest/gtest.h>

#include "hub/budget.h"
#include "hub/limiter.h"
#include "hub/shard.h"
#include "hub/timer_wheel.h"
#include "hub/worker_pool.h"

namespace rogerthat::hub {
namespace {

std::vector<std::uint32_t> collect(TimerWheel& wheel, Millis now) {
  std::vector<Timer> due;
  wheel.collect(now, due);
  std::vector<std::uint32_t> numbers;
  for (const Timer& timer : due) numbers.push_back(timer.number);
  return numbers;
}

TEST(TimerWheel, GivesEachTimerOnceAndNotBeforeItIsDue) {
  TimerWheel wheel;
  const Millis start = 1'000'000;
  collect(wheel, start);
  wheel.add({0, 0, 0, 1, start + 100});
  wheel.add({0, 0, 0, 2, start + 300'000});  // several turns away
  EXPECT_TRUE(collect(wheel, start + 99).empty());
  EXPECT_EQ(collect(wheel, start + 100 + 2 * TimerWheel::kTick), std::vector<std::uint32_t>{1});
  EXPECT_TRUE(collect(wheel, start + 200'000).empty());
  EXPECT_EQ(collect(wheel, start + 300'000 + 2 * TimerWheel::kTick), std::vector<std::uint32_t>{2});
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, SaysWhenItIsNeededNext) {
  TimerWheel wheel;
  EXPECT_EQ(wheel.next_due(), std::numeric_limits<Millis>::max());
  collect(wheel, 1'000'000);
  wheel.add({0, 0, 0, 1, 1'000'500});
  const Millis next = wheel.next_due();
  EXPECT_GE(next, 1'000'500);
  EXPECT_LE(next, 1'000'500 + 2 * TimerWheel::kTick);
  EXPECT_EQ(collect(wheel, next).size(), 1u);
}

TEST(TimerWheel, ATimerOfThePastIsDueAtOnce) {
  TimerWheel wheel;
  collect(wheel, 1'000'000);
  wheel.add({0, 0, 0, 1, 500});
  EXPECT_EQ(collect(wheel, 1'000'000 + 2 * TimerWheel::kTick).size(), 1u);
}

TEST(Limiter, AllowsSoManyAMinuteAndSaysWhenAgain) {
  RateLimits limits;
  limits.per_minute[static_cast<std::size_t>(Limited::send)] = 3;
  Limiter limiter(limits);
  Now now{1'000'000, 50'000};
  for (std::uint32_t n = 0; n < 3; ++n) {
    const LimitState state = limiter.take(Limited::send, "address", now);
    EXPECT_TRUE(state.allowed);
    EXPECT_EQ(state.remaining, 2 - n);
  }
  const LimitState refused = limiter.take(Limited::send, "address", now);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_seconds, 60);
  EXPECT_TRUE(limiter.take(Limited::send, "another", now).allowed);
  EXPECT_TRUE(limiter.take(Limited::join, "address", now).allowed);
  now.steady += kMinute;
  EXPECT_TRUE(limiter.take(Limited::send, "address", now).allowed);
}

TEST(Limiter, PeekDoesNotCountAndZeroIsOff) {
  RateLimits limits;
  limits.per_minute[static_cast<std::size_t>(Limited::wrong_secret)] = 1;
  limits.per_minute[static_cast<std::size_t>(Limited::send)] = 0;
  Limiter limiter(limits);
  const Now now{1'000'000, 50'000};
  for (int n = 0; n < 5; ++n) {
    EXPECT_TRUE(limiter.peek(Limited::wrong_secret, "a", now).allowed);
    EXPECT_TRUE(limiter.take(Limited::send, "a", now).allowed);
  }
  EXPECT_TRUE(limiter.take(Limited::wrong_secret, "a", now).allowed);
  EXPECT_FALSE(limiter.peek(Limited::wrong_secret, "a", now).allowed);
}

TEST(Limiter, IsBounded) {
  RateLimits limits;
  limits.addresses_max = 160;
  Limiter limiter(limits);
  const Now now{1'000'000, 50'000};
  for (int n = 0; n < 10'000; ++n) {
    EXPECT_TRUE(limiter.take(Limited::send, std::to_string(n), now).allowed);
  }
}

TEST(Budget, HoldsInEachOfItsWindows) {
  Budget budget({{3, kHour}, {5, kDay}}, 100);
  Millis now = 1'000'000;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(budget.take("a", now + i * kMinute), 0);
  now += 3 * kMinute;
  EXPECT_EQ(budget.take("a", now), 57 * kMinute) << "until the first one is an hour old";
  EXPECT_EQ(budget.take("b", now), 0) << "each name has its own";
  now += kHour;
  EXPECT_EQ(budget.take("a", now), 0);
  EXPECT_EQ(budget.take("a", now), 0);
  EXPECT_EQ(budget.take("a", now + kHour), kDay - 2 * kHour - 3 * kMinute);
  EXPECT_EQ(budget.take("a", 1'000'000 + kDay), 0);
}

TEST(Budget, GivesBackWhatWasNotUsed) {
  Budget budget({{1, kHour}}, 100);
  EXPECT_EQ(budget.take("a", 1), 0);
  EXPECT_GT(budget.take("a", 2), 0);
  budget.give_back("a");
  EXPECT_EQ(budget.take("a", 3), 0);
  budget.give_back("nobody");
}

TEST(Budget, ForgetsTheNameUsedLongestAgoAtItsBound) {
  Budget budget({{1, kHour}}, 2);
  EXPECT_EQ(budget.take("a", 1), 0);
  EXPECT_EQ(budget.take("b", 2), 0);
  EXPECT_EQ(budget.take("c", 3), 0);
  EXPECT_GT(budget.take("b", 4), 0);
  EXPECT_EQ(budget.take("a", 5), 0);
}

TEST(WorkerPool, RunsJobsAndRefusesBeyondItsBound) {
  std::latch started(1);
  std::latch go(1);
  std::atomic<int> ran{0};
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.submit([&] {
      started.count_down();
      go.wait();
      ++ran;
    }));
    started.wait();
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_FALSE(pool.submit([&] { ++ran; }));
    go.count_down();
  }
  EXPECT_EQ(ran, 3);
}

TEST(Placement, IsTheSameEverywhereAndSpreads) {
  EXPECT_EQ(shard_of("amber-otter-1a2b", 1), 0u);
  EXPECT_EQ(shard_of("general", 4), shard_of("general", 4));
  std::vector<int> count(4);
  for (int n = 0; n < 4'000; ++n) ++count[shard_of("channel-" + std::to_string(n), 4)];
  for (const int c : count) EXPECT_GT(c, 700);
}

}  // namespace
}  // namespace rogerthat::hub
