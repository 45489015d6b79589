// Who may come while there is no more room, and who goes for it.
#include "net/connection_limits.h"

#include <gtest/gtest.h>

#include "net/address_lists.h"

namespace rogerthat::net {
namespace {

using Verdict = ConnectionLimits::Verdict;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

void fill(ConnectionLimits& limits, const char* address, int count, bool by_address = true) {
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(limits.admit(ip(address), by_address).verdict, Verdict::admitted);
  }
}

TEST(ConnectionLimits, TheHeaviestAddressGivesWay) {
  ConnectionLimits limits(10, 100);
  fill(limits, "10.0.0.1", 3);
  fill(limits, "10.0.0.2", 6);
  fill(limits, "10.0.0.3", 1);
  const auto fourth = limits.admit(ip("10.0.0.4"), true);
  EXPECT_EQ(fourth.verdict, Verdict::in_place_of_another);
  EXPECT_EQ(fourth.heaviest, ip("10.0.0.2"));
  limits.release(ip("10.0.0.2"), true);
  EXPECT_EQ(limits.open(), 10U);
  EXPECT_EQ(limits.admit(ip("10.0.0.1"), true).heaviest, ip("10.0.0.2"));
  limits.release(ip("10.0.0.2"), true);
  EXPECT_EQ(limits.admit(ip("10.0.0.1"), true).verdict, Verdict::too_many)
      << "it would have as many as the heaviest";
  EXPECT_EQ(limits.admit(ip("10.0.0.2"), true).verdict, Verdict::too_many) << "it is the heaviest";
  EXPECT_EQ(limits.open(), 10U);
}

TEST(ConnectionLimits, OneNetworkOfIPv6IsOneAddress) {
  ConnectionLimits limits(100, 2);
  fill(limits, "2001:db8::1", 2);
  EXPECT_EQ(limits.admit(ip("2001:db8::2"), true).verdict, Verdict::too_many_of_address);
  EXPECT_EQ(limits.admit(ip("2001:db8:0:1::2"), true).verdict, Verdict::admitted);
}

TEST(ConnectionLimits, ProxiesTogetherAreOneAddressThatNothingIsTakenFrom) {
  ConnectionLimits limits(10, 100);
  fill(limits, "127.0.0.1", 6, false);
  fill(limits, "10.0.0.1", 4);
  EXPECT_EQ(limits.admit(ip("127.0.0.1"), false).verdict, Verdict::too_many);
  EXPECT_EQ(limits.admit(ip("10.0.0.2"), true).heaviest, ip("10.0.0.1"));
}

TEST(ConnectionLimits, ProxiesTakeFromWhoHasMore) {
  ConnectionLimits limits(10, 100);
  fill(limits, "127.0.0.1", 2, false);
  fill(limits, "10.0.0.1", 8);
  EXPECT_EQ(limits.admit(ip("127.0.0.1"), false).heaviest, ip("10.0.0.1"));
}

TEST(ConnectionLimits, WhatHasNotEndedYetIsWaitedForToABound) {
  ConnectionLimits limits(200, 1000);
  fill(limits, "10.0.0.1", 200);
  for (std::size_t i = 0; i < ConnectionLimits::kOverlap; ++i) {
    EXPECT_EQ(limits.admit(ip("10.0.0.2"), true).verdict, Verdict::in_place_of_another);
  }
  EXPECT_EQ(limits.admit(ip("10.0.0.2"), true).verdict, Verdict::too_many);
}

TEST(AddressLists, LooksAtAFewAndAtOthersTheNextTime) {
  AddressLists lists;
  std::vector<OfAddress> of_one(40);
  OfAddress of_other;
  for (OfAddress& who : of_one) lists.add(who, ip("10.0.0.1"));
  lists.add(of_other, ip("10.0.0.2"));
  const auto first = lists.look(ip("10.0.0.1"));
  EXPECT_EQ(first.size(), 32U);
  EXPECT_EQ(first.front(), &of_one.front());
  EXPECT_EQ(lists.look(ip("10.0.0.1")).front(), &of_one[32]);
  EXPECT_EQ(lists.look(ip("10.0.0.2")), std::vector{&of_other});
  lists.remove(of_other, ip("10.0.0.2"));
  lists.remove(of_other, ip("10.0.0.2"));
  EXPECT_TRUE(lists.look(ip("10.0.0.2")).empty());
}

}  // namespace
}  // namespace rogerthat::net
