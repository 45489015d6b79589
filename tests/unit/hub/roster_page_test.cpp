// The roster by pages: everybody once, who is on first, whatever a page holds.
#include "hub/roster_page.h"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace rogerthat::hub {
namespace {

class Roster : public testing::Test {
 protected:
  void join(const std::string& callsign) {
    core::Joined joined;
    joined.session_id = "session-of-" + callsign;
    joined.callsign = callsign;
    joined.at = now.wall;
    channel.apply(std::move(joined), now);
  }
  void leave(const std::string& callsign) {
    channel.apply(core::Left{"session-of-" + callsign, false, now.wall}, now);
  }
  std::string page(std::size_t limit, std::string_view after = {}) {
    std::string out;
    JsonWriter json(out);
    write_rosters(json, channel, *roster_page(channel, limit, after));
    return out;
  }

  Now now{1000, 1000};
  core::Channel channel{core::ChannelOptions{}, 0, 0};
};

TEST_F(Roster, of_a_small_channel_is_one_page) {
  join("zoe");
  join("ann");
  join("bob");
  leave("ann");
  EXPECT_EQ(page(200),
            R"({"roster":["bob","zoe"],"roster_with_index":[)"
            R"({"idx":1,"callsign":"zoe","joined_at":1000},{"idx":2,"callsign":"bob",)"
            R"("joined_at":1000}],"roster_all":[{"callsign":"ann","online":false,"idx":null},)"
            R"({"callsign":"bob","online":true,"idx":2},{"callsign":"zoe","online":true,"idx":1}],)"
            R"("roster_count":2,"total":3})");
}

TEST_F(Roster, in_pages_of_any_size_has_everybody_once_and_who_is_on_first) {
  for (int i = 0; i < 40; ++i) join(fmt::format("agent-{}", i * 7919 % 101));
  for (int i = 0; i < 40; i += 3) leave(fmt::format("agent-{}", i * 7919 % 101));
  for (const std::size_t limit : {1u, 2u, 7u, 26u, 39u, 40u, 41u}) {
    std::set<core::MemberNo> seen;
    std::string after;
    bool away_came = false;
    do {
      const auto page = roster_page(channel, limit, after);
      ASSERT_TRUE(page);
      ASSERT_LE(page->members.size(), limit);
      ASSERT_FALSE(page->members.empty()) << limit << " after " << after;
      for (const core::MemberNo no : page->members) EXPECT_TRUE(seen.insert(no).second);
      EXPECT_TRUE(page->live.empty() || !away_came);
      away_came = page->live.size() < page->members.size();
      for (const auto& [place, session] : page->live) {
        EXPECT_EQ(channel.join_order()[place - 1], session);
      }
      after = page->next;
    } while (!after.empty());
    EXPECT_EQ(seen.size(), channel.member_count()) << limit;
  }
}

TEST_F(Roster, knows_what_is_no_beginning_of_a_page) {
  for (const char* after : {"-", "-x", "-1x", "A", "a b", "--1", "-99999999999"}) {
    EXPECT_FALSE(roster_page(channel, 10, after)) << after;
  }
  EXPECT_TRUE(roster_page(channel, 10, "gone-since"));
  EXPECT_TRUE(roster_page(channel, 10, "-4000000000"));
}

}  // namespace
}  // namespace rogerthat::hub
