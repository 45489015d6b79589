#include "api/http/session_ids.h"

#include <set>

#include <gtest/gtest.h>

namespace rogerthat::api {
namespace {

TEST(SessionIds, AreKnownAgainByTheirKeyOnly) {
  SeededRandom random(7);
  const SessionIds ids(sha256("one"));
  const SessionIds others(sha256("two"));
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string id = ids.mint(random);
    EXPECT_EQ(id.size(), 28u);
    EXPECT_TRUE(seen.insert(id).second);
    EXPECT_TRUE(ids.minted_here(id));
    EXPECT_FALSE(others.minted_here(id));
    EXPECT_TRUE(SessionIds(sha256("one")).minted_here(id)) << "also after a restart";
  }
}

TEST(SessionIds, OfAnyOtherShapeAreNot) {
  SeededRandom random(7);
  const SessionIds ids(sha256("one"));
  const std::string id = ids.mint(random);
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::string other = id;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(ids.minted_here(other)) << i;
  }
  EXPECT_FALSE(ids.minted_here(""));
  EXPECT_FALSE(ids.minted_here("made-up-by-a-client"));
  EXPECT_FALSE(ids.minted_here(id.substr(1)));
  EXPECT_FALSE(ids.minted_here(id + "A"));
  EXPECT_FALSE(ids.minted_here(std::string(28, ' ')));
}

}  // namespace
}  // namespace rogerthat::api
