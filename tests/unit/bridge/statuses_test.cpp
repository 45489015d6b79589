// Working signals between two receives.
#include "bridge/statuses.h"

#include <gtest/gtest.h>

namespace rogerthat::bridge {
namespace {

client::Incoming status(std::int64_t id) {
  client::Incoming message;
  message.id = id;
  message.status = true;
  return message;
}

std::vector<std::int64_t> waiting(const Statuses& statuses) {
  std::vector<std::int64_t> ids;
  for (const auto& one : statuses.waiting()) ids.push_back(one.message.id);
  return ids;
}

using Ids = std::vector<std::int64_t>;

TEST(Statuses, WaitUntilTheyAreShown) {
  Statuses statuses;
  for (const std::int64_t id : {1, 2, 3}) statuses.add(status(id), "{}");
  statuses.shown(Ids{2});
  EXPECT_EQ(waiting(statuses), (Ids{1, 3}));
  statuses.shown(Ids{1, 3});
  EXPECT_EQ(waiting(statuses), Ids{});
}

TEST(Statuses, AreNotShownTwiceWhereAnAnswerOvertakesTheStream) {
  Statuses statuses;
  statuses.shown(Ids{7});
  statuses.add(status(6), "{}");
  statuses.add(status(7), "{}");
  EXPECT_EQ(waiting(statuses), Ids{6});
}

TEST(Statuses, AreBounded) {
  Statuses statuses;
  constexpr auto kMany = static_cast<std::int64_t>(3 * Statuses::kKept);
  for (std::int64_t id = 1; id <= kMany; ++id) statuses.add(status(id), "{}");
  EXPECT_EQ(statuses.waiting().size(), Statuses::kKept);
  EXPECT_EQ(statuses.waiting().back().message.id, kMany);
}

}  // namespace
}  // namespace rogerthat::bridge
