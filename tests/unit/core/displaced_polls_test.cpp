// Polls that take each other's place: how many a minute are answered at once.
#include "core/displaced_polls.h"

#include <gtest/gtest.h>

#include "core/limits.h"

namespace rogerthat::core {
namespace {

TEST(DisplacedPolls, AFewAMinuteAreAnsweredAtOnce) {
  DisplacedPolls polls;
  for (Millis at = 0; at < kHour; at += 6 * kSecond) EXPECT_EQ(polls.displaced(1, 1, at), 0);
}

TEST(DisplacedPolls, MoreThanTenWithinAMinuteWait) {
  DisplacedPolls polls;
  Millis now = 1000;
  for (std::size_t i = 0; i < kDisplacedPollsMax; ++i) EXPECT_EQ(polls.displaced(1, 1, ++now), 0);
  EXPECT_EQ(polls.displaced(1, 1, ++now), 5 * kSecond);
  EXPECT_EQ(polls.displaced(1, 2, now), 0) << "another callsign";
  EXPECT_EQ(polls.displaced(2, 1, now), 0) << "another channel";
  // Two that go on, each as soon as it is answered, stay slow.
  for (int i = 0; i < 20; ++i) EXPECT_GT(polls.displaced(1, 1, now += 5 * kSecond), 0);
  EXPECT_EQ(polls.displaced(1, 1, now + kMinute), 0) << "a minute of peace is enough";
}

TEST(DisplacedPolls, RemembersTheLatestOnly) {
  DisplacedPolls polls;
  Millis now = 0;
  for (std::size_t i = 0; i < kDisplacedPollsMax; ++i) polls.displaced(1, 1, now);
  for (MemberNo member = 2; member < 2 + DisplacedPolls::kCallsignsMax; ++member) {
    polls.displaced(1, member, ++now);
  }
  EXPECT_EQ(polls.displaced(1, 1, now), 0) << "those who came later have taken its place";
}

}  // namespace
}  // namespace rogerthat::core
