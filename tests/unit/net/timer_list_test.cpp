// Deadlines that all lie equally far ahead.
#include "net/timer_list.h"

#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace rogerthat::net {
namespace {

struct Numbered : Timed {
  explicit Numbered(int its_number) : number(its_number) {}
  int number;
};

std::vector<int> run(TimerList& list, Millis now) {
  std::vector<int> due;
  list.run(now, [&due](Timed& who) { due.push_back(static_cast<Numbered&>(who).number); });
  return due;
}

TEST(TimerList, WhatIsDueIsToldInOrderAndOnce) {
  TimerList list(100);
  Numbered one(1), two(2), three(3);
  list.arm(one, 1000);
  list.arm(two, 1010);
  list.arm(three, 1020);
  EXPECT_EQ(list.next_deadline(), 1100);
  EXPECT_EQ(run(list, 1099), std::vector<int>());
  EXPECT_EQ(run(list, 1110), (std::vector{1, 2}));
  EXPECT_FALSE(one.armed());
  EXPECT_TRUE(three.armed());
  EXPECT_EQ(list.oldest(), &three);
  EXPECT_EQ(run(list, 5000), (std::vector{3}));
  EXPECT_EQ(list.next_deadline(), kNever);
  EXPECT_EQ(list.oldest(), nullptr);
}

TEST(TimerList, ArmingAnewBeginsAnewAndLeavesTheOtherList) {
  TimerList list(100), other(50);
  Numbered one(1), two(2);
  list.arm(one, 1000);
  list.arm(two, 1010);
  list.arm(one, 1020);
  EXPECT_EQ(run(list, 1110), (std::vector{2}));
  other.arm(one, 1110);
  EXPECT_EQ(list.oldest(), nullptr);
  EXPECT_EQ(one.deadline(), 1160);
  TimerList::disarm(one);
  TimerList::disarm(one);
  EXPECT_EQ(other.next_deadline(), kNever);
}

TEST(TimerList, WhoIsToldMayArmItselfAndDestroyOthers) {
  TimerList list(100);
  Numbered one(1);
  auto two = std::make_unique<Numbered>(2);
  list.arm(one, 1000);
  list.arm(*two, 1000);
  std::vector<int> due;
  list.run(1100, [&](Timed& who) {
    due.push_back(static_cast<Numbered&>(who).number);
    two.reset();
    list.arm(one, 1100);
  });
  EXPECT_EQ(due, (std::vector{1}));
  EXPECT_EQ(list.next_deadline(), 1200);
}

TEST(TimerList, EitherMayEndFirst) {
  Numbered left(1);
  std::optional<TimerList> list(std::in_place, 100);
  list->arm(left, 1000);
  {
    Numbered gone(2);
    list->arm(gone, 1000);
  }
  int count = 0;
  list->each([&count](Timed&) { ++count; });
  EXPECT_EQ(count, 1);
  list.reset();
  EXPECT_FALSE(left.armed());
}

}  // namespace
}  // namespace rogerthat::net
