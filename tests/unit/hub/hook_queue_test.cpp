// The queue of webhook deliveries: order, times, bounds, verdicts, log, and what is journalled.
#include "hub/hook_queue.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace rogerthat::hub {
namespace {

using core::DeliveryVerdict;
using State = DeliveryLogLine::State;

constexpr Millis kStart = 1'700'000'000'000;  // wall
constexpr Millis kSteady = 5'000'000;

core::Delivery delivery(const std::string& hook, int number, std::size_t body = 10) {
  core::Delivery made;
  made.id = hook + "/" + std::to_string(number);
  made.hook = hook;
  made.home = "home-of-" + hook;
  made.body.assign(body, 'x');
  made.created_at = made.due_at = kStart;
  made.stored = true;
  return made;
}

class HookQueueTest : public testing::Test {
 protected:
  void add(const std::string& hook, int number, std::size_t body = 10) {
    queue.add(delivery(hook, number, body), now, changes);
  }
  std::string take() {
    const core::Delivery* const taken = queue.take(now.steady);
    return taken == nullptr ? std::string() : taken->id;
  }
  void pass(Millis time) {
    now.wall += time;
    now.steady += time;
  }
  bool settle(const std::string& id, DeliveryVerdict verdict, int status = 0, Millis latency = 5) {
    return queue.settle(id, {verdict, status, status == 0 ? "no answer" : "", latency}, now,
                        changes);
  }
  // What was journalled since the last call: "+id" and "-id".
  std::vector<std::string> journal() {
    std::vector<std::string> out;
    for (const HookQueue::Change& change : changes) {
      out.push_back((change.put == nullptr ? "-" : "+") + change.id);
    }
    changes.clear();
    return out;
  }

  HookQueue queue;
  HookQueue::Changes changes;
  Now now{kStart, kSteady};
};

using Ids = std::vector<std::string>;

TEST_F(HookQueueTest, GivesThoseOfOneHookInTheirOrder) {
  for (int n = 0; n < 3; ++n) add("a", n);
  EXPECT_EQ(queue.waiting(), 3u);
  EXPECT_EQ(take(), "a/0");
  EXPECT_EQ(take(), "a/1");
  EXPECT_EQ(take(), "a/2");
  EXPECT_EQ(take(), "");
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_EQ(queue.under_way(), 3u);
}

TEST_F(HookQueueTest, HooksTakeTurns) {
  for (int n = 0; n < 3; ++n) add("a", n);
  for (int n = 0; n < 3; ++n) add("b", n);
  add("c", 0);
  Ids order;
  for (std::string id = take(); !id.empty(); id = take()) order.push_back(id);
  EXPECT_EQ(order, (Ids{"a/0", "b/0", "c/0", "a/1", "b/1", "a/2", "b/2"}));
}

TEST_F(HookQueueTest, OneHookHasFourUnderWay) {
  for (int n = 0; n < 6; ++n) add("a", n);
  for (int n = 0; n < 4; ++n) EXPECT_EQ(take(), "a/" + std::to_string(n));
  EXPECT_EQ(take(), "");
  EXPECT_EQ(queue.next_due(), HookQueue::kNever);
  EXPECT_FALSE(settle("a/2", DeliveryVerdict::delivered, 200));
  EXPECT_EQ(queue.next_due(), 0);
  EXPECT_EQ(take(), "a/4");
  EXPECT_EQ(take(), "");
}

TEST_F(HookQueueTest, AllTogetherHaveABoundToo) {
  for (int n = 0; n < 100; ++n) add("h" + std::to_string(n), 0);
  unsigned taken = 0;
  while (!take().empty()) ++taken;
  EXPECT_EQ(taken, HookQueue::kUnderWayMax);
  EXPECT_EQ(queue.next_due(), HookQueue::kNever);
  EXPECT_FALSE(settle("h0/0", DeliveryVerdict::delivered, 200));
  EXPECT_EQ(take(), "h64/0");
}

TEST_F(HookQueueTest, TriesAgainAtExactlyTheseTimes) {
  add("a", 0);
  const std::vector<Millis> pauses = {kSecond,      3 * kSecond, kMinute,   5 * kMinute,
                                      30 * kMinute, 2 * kHour,   6 * kHour, 12 * kHour};
  for (std::size_t n = 0; n < pauses.size(); ++n) {
    ASSERT_EQ(take(), "a/0");
    settle("a/0", DeliveryVerdict::retry, 503);
    EXPECT_EQ(journal(), Ids{"+a/0"});
    const DeliveryLogLine line = queue.log("a").front();
    EXPECT_EQ(line.state, State::waiting);
    EXPECT_EQ(line.attempts, n + 1);
    EXPECT_EQ(line.attempted_at, now.wall);
    EXPECT_EQ(line.next_at, now.wall + pauses[n]);
    EXPECT_EQ(queue.next_due(), now.steady + pauses[n]);
    pass(pauses[n] - 1);
    ASSERT_EQ(take(), "");
    pass(1);
  }
  ASSERT_EQ(take(), "a/0");
  EXPECT_FALSE(settle("a/0", DeliveryVerdict::retry, 503));
  EXPECT_EQ(journal(), Ids{"-a/0"});
  EXPECT_EQ(queue.next_due(), HookQueue::kNever);
  const DeliveryLogLine line = queue.log("a").front();
  EXPECT_EQ(line.state, State::failed);
  EXPECT_EQ(line.attempts, 9u);
  EXPECT_EQ(line.next_at, 0);
}

TEST_F(HookQueueTest, TheBodyIsTheSameAtEveryAttempt) {
  core::Delivery made = delivery("a", 0);
  made.body = "exactly this";
  queue.add(made, now, changes);
  for (int n = 0; n < 3; ++n) {
    const core::Delivery* const taken = queue.take(now.steady);
    ASSERT_NE(taken, nullptr);
    EXPECT_EQ(taken->body, "exactly this");
    EXPECT_EQ(taken->id, "a/0");
    settle("a/0", DeliveryVerdict::retry);
    pass(kMinute);
  }
}

TEST_F(HookQueueTest, AStepOfTheWallClockChangesNoPause) {
  add("a", 0);
  take();
  settle("a/0", DeliveryVerdict::retry);
  now.wall += kDay;
  EXPECT_EQ(take(), "");
  now.wall -= 30 * kDay;
  now.steady += kSecond;
  EXPECT_EQ(take(), "a/0");
}

TEST_F(HookQueueTest, WhatWasStoredIsDueAtItsWallTime) {
  core::Delivery later = delivery("a", 0);
  later.due_at = kStart + kMinute;
  core::Delivery absurd = delivery("a", 1);
  absurd.due_at = kStart + 1'000 * kDay;  // the clock was ahead when it was set
  core::Delivery overdue = delivery("a", 2);
  overdue.due_at = kStart - kDay;
  for (const core::Delivery& each : {later, absurd, overdue}) queue.add(each, now, changes);
  EXPECT_EQ(take(), "a/2");
  EXPECT_EQ(queue.next_due(), kSteady + kMinute);
  pass(kMinute);
  EXPECT_EQ(take(), "a/0");
  pass(12 * kHour);
  EXPECT_EQ(take(), "a/1");
}

TEST_F(HookQueueTest, WhatFailedWaitsWhileNewerOnesGo) {
  add("a", 0);
  take();
  settle("a/0", DeliveryVerdict::retry);
  add("a", 1);
  EXPECT_EQ(take(), "a/1");
  settle("a/1", DeliveryVerdict::delivered, 200);
  pass(kSecond);
  EXPECT_EQ(take(), "a/0");
}

TEST_F(HookQueueTest, AVerdictEndsADelivery) {
  for (int n = 0; n < 4; ++n) add("a", n);
  for (int n = 0; n < 4; ++n) take();
  EXPECT_FALSE(settle("a/0", DeliveryVerdict::delivered, 204, 17));
  EXPECT_FALSE(settle("a/1", DeliveryVerdict::refused, 404));
  EXPECT_EQ(journal(), (Ids{"-a/0", "-a/1"}));
  const auto log = queue.log("a");
  EXPECT_EQ(log[3].state, State::delivered);
  EXPECT_EQ(log[3].status, 204);
  EXPECT_EQ(log[3].latency, 17);
  EXPECT_EQ(log[3].attempts, 1u);
  EXPECT_EQ(log[2].state, State::failed);
  EXPECT_EQ(log[2].status, 404);
  EXPECT_FALSE(settle("a/1", DeliveryVerdict::delivered, 200));  // settled already
  EXPECT_TRUE(journal().empty());
  EXPECT_EQ(queue.under_way(), 2u);
}

TEST_F(HookQueueTest, AReceiverThatIsGoneStopsItsHook) {
  for (int n = 0; n < 6; ++n) add("a", n);
  add("b", 0);
  take();
  take();
  journal();
  EXPECT_TRUE(settle("a/0", DeliveryVerdict::gone, 410));
  // What waited goes, and what is under way (b/0 is) ends with its own attempt.
  EXPECT_EQ(journal(), (Ids{"-a/0", "-a/1", "-a/2", "-a/3", "-a/4", "-a/5"}));
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_EQ(queue.log("a").size(), 6u);
  EXPECT_EQ(queue.log("a").front().state, State::failed);
  EXPECT_FALSE(queue.log("a").front().error.empty());
  EXPECT_FALSE(settle("b/0", DeliveryVerdict::delivered, 200));
  EXPECT_EQ(journal(), Ids{"-b/0"});
  EXPECT_EQ(take(), "");
}

TEST_F(HookQueueTest, ADroppedHookLeavesNothing) {
  for (int n = 0; n < 3; ++n) add("a", n);
  EXPECT_EQ(take(), "a/0");
  queue.drop_hook("a", changes);
  EXPECT_EQ(journal(), (Ids{"-a/0", "-a/1", "-a/2"}));
  EXPECT_TRUE(queue.log("a").empty());
  EXPECT_EQ(queue.next_due(), HookQueue::kNever);
  EXPECT_EQ(queue.under_way(), 1u);
  EXPECT_FALSE(settle("a/0", DeliveryVerdict::retry));  // nobody waits for another attempt
  EXPECT_TRUE(journal().empty());
  EXPECT_EQ(queue.under_way(), 0u);
  EXPECT_EQ(queue.waiting_bytes(), 0u);
  pass(kDay);
  EXPECT_EQ(take(), "");
}

TEST_F(HookQueueTest, WhatComesFromARemovedChannelIsDropped) {
  add("a", 0);
  add("b", 0);
  core::Delivery elsewhere = delivery("a", 1);
  elsewhere.home = "another";
  queue.add(elsewhere, now, changes);
  queue.drop_home("home-of-a", changes);
  queue.drop_home("unknown", changes);
  EXPECT_EQ(journal(), Ids{"-a/0"});
  EXPECT_EQ(take(), "a/1");
  EXPECT_EQ(take(), "b/0");
  EXPECT_EQ(take(), "");
}

TEST_F(HookQueueTest, WhatHasNoRecordIsNeverJournalled) {
  const int more = 3;
  for (int n = 0; n < static_cast<int>(core::kDeliveriesQueuedMax) + more; ++n) {
    core::Delivery made = delivery("a", n, 0);
    made.stored = false;
    queue.add(std::move(made), now, changes);
  }
  EXPECT_EQ(queue.evicted(), static_cast<std::uint64_t>(more));
  take();
  settle("a/3", DeliveryVerdict::retry);
  take();
  settle("a/4", DeliveryVerdict::delivered, 200);
  queue.drop_hook("a", changes);
  EXPECT_TRUE(journal().empty());
}

TEST_F(HookQueueTest, OfTooManyTheOldestGo) {
  const int most = static_cast<int>(core::kDeliveriesQueuedMax);
  for (int n = 0; n < most; ++n) add("a", n, 0);
  EXPECT_TRUE(journal().empty());
  add("a", most);
  EXPECT_EQ(journal(), Ids{"-a/0"});
  EXPECT_EQ(take(), "a/1");  // under way: not one of those that wait
  add("a", most + 1);
  EXPECT_TRUE(journal().empty());
  add("a", most + 2);
  EXPECT_EQ(journal(), Ids{"-a/2"});
  EXPECT_EQ(queue.waiting(), core::kDeliveriesQueuedMax);
}

TEST_F(HookQueueTest, BodiesAreBoundedByTheirBytes) {
  const std::size_t body = core::kDeliveryBytesQueuedMax / 4;
  for (int n = 0; n < 4; ++n) add("a", n, body);
  EXPECT_TRUE(journal().empty());
  add("a", 4, body);
  EXPECT_EQ(journal(), Ids{"-a/0"});
  EXPECT_LE(queue.waiting_bytes(), core::kDeliveryBytesQueuedMax);
  add("a", 5, 2 * core::kDeliveryBytesQueuedMax);  // the newest stays, whatever it weighs
  EXPECT_EQ(queue.waiting(), 1u);
}

TEST_F(HookQueueTest, TheHookThatHoldsMostPaysForAllTogether) {
  const std::size_t body = core::kDeliveryBytesQueuedMax / 64;
  add("small", 0);
  for (int hook = 0; hook < 9; ++hook) {
    for (int n = 0; n < 64; ++n) add("h" + std::to_string(hook), n, body);
  }
  EXPECT_LE(queue.waiting_bytes(), HookQueue::kBytesMax);
  EXPECT_GT(queue.evicted(), 0u);
  EXPECT_EQ(queue.log("small").front().state, State::waiting);
}

TEST_F(HookQueueTest, AHookThatFailsGetsOneAttemptAtATime) {
  for (int n = 0; n < 8; ++n) add("a", n);
  for (int n = 0; n < 4; ++n) take();
  for (int n = 0; n < 4; ++n) settle("a/" + std::to_string(n), DeliveryVerdict::retry);
  EXPECT_EQ(take(), "a/4");
  EXPECT_EQ(take(), "");
  settle("a/4", DeliveryVerdict::delivered, 200);
  EXPECT_EQ(take(), "a/5");  // it answers again
  EXPECT_EQ(take(), "a/6");
}

TEST_F(HookQueueTest, AHookThatIsSlowGetsOneAttemptAtATime) {
  for (int n = 0; n < 3; ++n) add("a", n);
  EXPECT_EQ(take(), "a/0");
  settle("a/0", DeliveryVerdict::delivered, 200, HookQueue::kSlow);
  EXPECT_EQ(take(), "a/1");
  EXPECT_EQ(take(), "");
}

TEST_F(HookQueueTest, HooksInTroubleLeaveRoomForTheOthers) {
  for (int hook = 0; hook < 100; ++hook) {
    const std::string name = "bad" + std::to_string(hook);
    add(name, 0);
    EXPECT_EQ(take(), name + "/0");
    settle(name + "/0", DeliveryVerdict::retry);
  }
  for (int hook = 0; hook < 100; ++hook) add("bad" + std::to_string(hook), 1);
  unsigned taken = 0;
  while (!take().empty()) ++taken;
  EXPECT_EQ(taken, HookQueue::kTroubledMax);
  EXPECT_EQ(queue.next_due(), HookQueue::kNever);
  add("good", 0);
  EXPECT_EQ(queue.next_due(), kSteady);
  EXPECT_EQ(take(), "good/0");
}

TEST_F(HookQueueTest, TheLogHasTheLastFiftyNewestFirst) {
  for (int n = 0; n < 60; ++n) add("a", n);
  const auto log = queue.log("a");
  ASSERT_EQ(log.size(), core::kDeliveriesShown);
  EXPECT_EQ(log.front().id, "a/59");
  EXPECT_EQ(log.back().id, "a/10");
  EXPECT_EQ(log.front().next_at, kStart);
  EXPECT_TRUE(queue.log("b").empty());
}

// A hundred hooks with ten thousand each: taking and settling one stays cheap. Measured in steps,
// not in time: this merely ends, where a search through all that wait would not.
TEST_F(HookQueueTest, ManyHooksWithMuchWaiting) {
  for (int n = 0; n < 2'000; ++n) {
    for (int hook = 0; hook < 100; ++hook) add("h" + std::to_string(hook), n, 0);
  }
  EXPECT_EQ(queue.waiting(), 200'000u);
  std::size_t done = 0;
  for (std::string id = take(); !id.empty(); id = take()) {
    settle(id, DeliveryVerdict::delivered, 200);
    ++done;
  }
  EXPECT_EQ(done, 200'000u);
  EXPECT_EQ(queue.waiting_bytes(), 0u);
}

}  // namespace
}  // namespace rogerthat::hub
