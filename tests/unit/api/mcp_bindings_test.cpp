#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/tools/bindings.h"

namespace rogerthat::api {
namespace {

Binding binding(const std::string& channel, const std::string& session) {
  return {channel, session, "me", kHour, 0};
}

std::vector<std::string> sessions(const std::vector<Binding>& bindings) {
  std::vector<std::string> out;
  for (const Binding& each : bindings) out.push_back(each.session_id);
  return out;
}

TEST(Bindings, ASecondJoinLeavesTheFirstChannel) {
  Bindings bindings;
  EXPECT_FALSE(bindings.current());
  EXPECT_TRUE(bindings.add(binding("a", "a1"), false).empty());
  EXPECT_EQ(sessions(bindings.add(binding("b", "b1"), false)), std::vector<std::string>{"a1"});
  EXPECT_EQ(bindings.current()->channel_id, "b");
  EXPECT_FALSE(bindings.find("a"));
}

TEST(Bindings, OthersAreKeptWhereThatIsWanted) {
  Bindings bindings;
  bindings.add(binding("a", "a1"), false);
  EXPECT_TRUE(bindings.add(binding("b", "b1"), true).empty());
  EXPECT_EQ(bindings.current()->channel_id, "b");
  EXPECT_EQ(bindings.find("a")->session_id, "a1");
  EXPECT_TRUE(bindings.add(binding("a", "a1"), true).empty());
  EXPECT_EQ(bindings.current()->channel_id, "a") << "joined last";
  EXPECT_EQ(bindings.all().size(), 2u);
}

TEST(Bindings, ARejoinLeavesNothingAndAnotherSessionOnTheChannelIsLeft) {
  Bindings bindings;
  bindings.add(binding("a", "a1"), false);
  EXPECT_TRUE(bindings.add(binding("a", "a1"), false).empty());
  EXPECT_EQ(sessions(bindings.add(binding("a", "a2"), true)), std::vector<std::string>{"a1"});
  EXPECT_EQ(bindings.all().size(), 1u);
}

TEST(Bindings, AreBounded) {
  Bindings bindings;
  for (std::size_t i = 0; i < Bindings::kMax; ++i) {
    EXPECT_TRUE(bindings.add(binding(fmt::format("c{}", i), fmt::format("s{}", i)), true).empty());
  }
  EXPECT_EQ(sessions(bindings.add(binding("x", "sx"), true)), std::vector<std::string>{"s0"});
  EXPECT_EQ(bindings.all().size(), Bindings::kMax);
}

TEST(Bindings, AreLeftAtTheEndAndAJoinThatComesLateAsWell) {
  Bindings bindings;
  bindings.add(binding("a", "a1"), false);
  bindings.add(binding("b", "b1"), true);
  EXPECT_EQ(bindings.end().size(), 2u);
  EXPECT_EQ(sessions(bindings.add(binding("c", "c1"), false)), std::vector<std::string>{"c1"});
  EXPECT_FALSE(bindings.current());
}

TEST(Bindings, RememberWhatAnAnswerHasBrought) {
  Bindings bindings;
  bindings.add(binding("a", "a1"), false);
  bindings.tell("a", 7);
  bindings.tell("a", 5);
  bindings.tell("b", 9);
  EXPECT_EQ(bindings.find("a")->told, 7);
  bindings.remove("a", "other");
  EXPECT_TRUE(bindings.find("a"));
  bindings.remove("a", "a1");
  EXPECT_FALSE(bindings.find("a"));
}

}  // namespace
}  // namespace rogerthat::api
