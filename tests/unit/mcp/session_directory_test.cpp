// Sessions come and go within bounds.
#include "mcp/session_directory.h"

#include <gtest/gtest.h>

namespace rogerthat::mcp {
namespace {

class StateWithLimit final : public SessionState {
 public:
  StateWithLimit(Millis limit, int& ended) : limit_(limit), ended_(ended) {}
  Millis idle_limit() const override { return limit_; }
  void ended() override { ++ended_; }

 private:
  Millis limit_;
  int& ended_;
};

class Directory : public testing::Test {
 protected:
  std::shared_ptr<Session> open(SessionDirectory& directory, Millis now = 0, Millis limit = kHour,
                                std::uint8_t address_byte = 1, std::string realm = {}) {
    net::IpAddress address;
    address.bytes[15] = address_byte;
    return directory.open(address, now, [&](std::string id) {
      SessionOwner owner{.realm = std::move(realm), .authorization = {}, .address = address.bytes};
      return std::make_shared<Session>(std::move(id), std::move(owner), kLatestLegacy,
                                       ClientCapabilities{},
                                       std::make_unique<StateWithLimit>(limit, ended));
    });
  }
  static void sweep_all(SessionDirectory& directory, Millis now) {
    for (std::size_t i = 0; i < SessionDirectory::kStripes; ++i) directory.sweep(i, now);
  }

  int ended = 0;
};

TEST_F(Directory, FindsByIdAndRealm) {
  SessionDirectory directory({});
  const auto session = open(directory, 0, kHour, 1, "a-channel");
  EXPECT_EQ(directory.find(session->id(), "a-channel", std::nullopt), session);
  EXPECT_EQ(directory.find(session->id(), "", std::nullopt), nullptr);
  EXPECT_EQ(directory.find("no-such", "a-channel", std::nullopt), nullptr);
  EXPECT_NE(open(directory)->id(), open(directory)->id());
}

TEST_F(Directory, EndsWhatIsIdleForLongerThanItsStateAllows) {
  SessionDirectory directory({});
  open(directory, 0, kMinute);
  const auto longer = open(directory, 0, kHour);
  sweep_all(directory, kMinute - 1);
  EXPECT_EQ(directory.size(), 2U);
  sweep_all(directory, kMinute);
  EXPECT_EQ(directory.size(), 1U);
  EXPECT_EQ(ended, 1);
  longer->touch(kHour);
  sweep_all(directory, kHour + kMinute);
  EXPECT_EQ(directory.size(), 1U);
  sweep_all(directory, 2 * kHour);
  EXPECT_EQ(directory.size(), 0U);
  EXPECT_EQ(ended, 2);
}

TEST_F(Directory, WhatIsBusyIsNotIdle) {
  SessionDirectory directory({.sessions_max = 10, .per_address_max = 1});
  const auto session = open(directory, 0, kMinute);
  session->add_call("1", nullptr, {});
  sweep_all(directory, kHour);
  EXPECT_EQ(directory.size(), 1U);
  EXPECT_EQ(open(directory), nullptr);
  session->remove_call("1");
  sweep_all(directory, kHour + kMinute - 1);  // idle since it was last seen busy
  EXPECT_EQ(directory.size(), 1U);
  sweep_all(directory, kHour + kMinute);
  EXPECT_EQ(directory.size(), 0U);
}

TEST_F(Directory, AnAddressGivesUpItsOwnOldest) {
  SessionDirectory directory({.sessions_max = 4, .per_address_max = 3});
  const auto first = open(directory, 10);
  const auto second = open(directory, 20);
  const auto third = open(directory, 30);
  const auto other = open(directory, 5, kHour, 2);
  first->touch(40);
  EXPECT_NE(open(directory, 50), nullptr);
  EXPECT_EQ(directory.find(second->id(), "", std::nullopt), nullptr);
  EXPECT_NE(directory.find(first->id(), "", std::nullopt), nullptr);
  EXPECT_NE(directory.find(other->id(), "", std::nullopt), nullptr);
  EXPECT_EQ(open(directory, 60, kHour, 3), nullptr);  // full, and it has none
  EXPECT_EQ(directory.size(), 4U);
  EXPECT_EQ(ended, 1);
}

TEST_F(Directory, EndingTwiceIsEndingOnce) {
  SessionDirectory directory({});
  const auto session = open(directory);
  directory.remove(session);
  directory.remove(session);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(directory.size(), 0U);
}

}  // namespace
}  // namespace rogerthat::mcp
