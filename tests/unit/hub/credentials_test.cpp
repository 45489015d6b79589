// What has been revoked opens nothing: random stories of accounts, identities, channels, joins,
// revocations, bans and crashes, over several shards that take turns as the seed says.
//
//   CREDENTIALS_SEED=42 unit_hub --gtest_filter='Credentials.*'    one story again
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "credentials_story.h"

namespace rogerthat::hub::stories {

void Story::tell(int acts) {
  for (int act = 0; act < acts && !testing::Test::HasFailure(); ++act) {
    begin();
    for (std::uint64_t n = random_.below(pace_); n > 0; --n) {
      hub_.step();
      if (steps_to_crash_ > 0 && --steps_to_crash_ == 0) crash_now();
    }
  }
  hub_.settle();
  promise_.check_streams();
}

// --- What may happen. How often is drawn anew for every story, so that some are about one thing.
void Story::draw_habits() {
  struct Act {
    void (Story::*begin)();
    unsigned often;
    bool opens = false;  // the way into the world: never rare
  };
  constexpr Act kActs[] = {
      {&Story::create_account, 1, true},
      {&Story::recover, 2},
      {&Story::create_identity, 3, true},
      {&Story::rotate, 2},
      {&Story::delete_identity, 1},
      {&Story::delete_account, 1},
      {&Story::create_channel, 2, true},
      {&Story::delete_channel, 1},
      {&Story::join, 5, true},
      {&Story::squat, 1},
      {&Story::come_back, 1},
      {&Story::send, 6, true},
      {&Story::listen, 1},
      {&Story::leave, 1},
      {&Story::ban, 1},
      {&Story::refuse_or_mend, 1},
      {&Story::crash, 1},
  };
  constexpr std::uint64_t kMost = 5;
  for (const Act& act : kActs) {
    const std::uint64_t habit = random_.below(kMost) + (act.opens ? kMost : 0);
    habits_.insert(habits_.end(), act.often * habit, act.begin);
  }
}

void Story::refuse_or_mend() {
  if (hub_.disk_refuses()) return hub_.recover_disk();
  if (random_.below(3) == 0) hub_.refuse_disk();
}

void Story::crash() {
  if (random_.below(4) == 0) crash_now();
}

void Story::crash_now() {
  ++counts_.crashes;
  promise_.forget_streams();
  rotating_.clear();
  banning_.clear();
  recovering_ = 0;
  hub_.crash();
  // Sessions on channels in memory have gone, and so has what was made but not answered.
  for (Session& session : sessions_) {
    if (!session.channel->durable) session.life->forgotten = true;
  }
  for (const auto& channel : channels_) {
    if (!channel->durable) channel->protected_callsigns.clear();
  }
  // Whoever had no answer takes no chances.
  for (const auto& account : std::exchange(unanswered_, {})) close_account(account);
}

namespace {

void tell(std::uint64_t seed, Counts& counts) {
  SCOPED_TRACE(fmt::format("CREDENTIALS_SEED={}", seed));
  Story(seed, counts).tell(400);
}

TEST(Credentials, OpenNothingOnceTheyAreRevoked) {
  Counts counts;
  if (const char* chosen = std::getenv("CREDENTIALS_SEED")) {
    return tell(std::strtoull(chosen, nullptr, 10), counts);
  }
  const std::uint64_t first = std::random_device{}();
  constexpr std::uint64_t kStories = 150;
  for (std::uint64_t seed = first; seed < first + kStories && !HasFailure(); ++seed) {
    tell(seed, counts);
  }
  if (HasFailure()) return;
  // A story in which nothing happens proves nothing.
  EXPECT_GT(counts.granted, kStories * 20);
  EXPECT_GT(counts.refused, kStories * 5);
  EXPECT_GT(counts.revoked, kStories * 3);
  EXPECT_GT(counts.crashes, kStories / 2);
}

}  // namespace
}  // namespace rogerthat::hub::stories
