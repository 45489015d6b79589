#include "core/names.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace rogerthat::core {
namespace {

struct CallsignRow {
  std::string sent;
  bool valid;
  bool reserved;
};

TEST(Callsigns, FollowTheRules) {
  const CallsignRow rows[] = {
      {"amber-otter", true, false},
      {"  Amber-Otter\t", true, false},
      {"a", true, false},
      {"42", true, false},
      {"7-of_9", true, false},
      {std::string(32, 'a'), true, false},
      {std::string(33, 'a'), false, false},
      {"", false, false},
      {"   ", false, false},
      {"-otter", false, false},
      {"_otter", false, false},
      {"amber otter", false, false},
      {"amber.otter", false, false},
      {"@amber", false, false},
      {"#1", false, false},
      {"\xc3\xa9lan", false, false},
      {"amber\n", true, false},
      {"all", true, true},
      {"ALL", true, true},
      {"operator", true, true},
      {"system", true, true},
      {"hub", true, true},
      {"server", true, true},
      {"rogerthat", true, true},
      {"you", true, true},
      {"young", true, false},
      {"min", true, true},
      {"low", true, true},
      {"default", true, true},
      {"high", true, true},
      {"urgent", true, true},
      {"normal", true, false},
      {"hub-2", true, false},
      {"human-authorized", true, true},
      {"human-authorized-2", true, true},
      {"human", true, false},
  };
  for (const CallsignRow& row : rows) {
    const std::string callsign = normalise_callsign(row.sent);
    EXPECT_EQ(is_valid_callsign(callsign), row.valid) << '"' << row.sent << '"';
    EXPECT_EQ(is_reserved_callsign(callsign), row.reserved) << '"' << row.sent << '"';
  }
}

TEST(Callsigns, PlaceholdersAreToldFromNames) {
  for (const std::string_view placeholder :
       {"callsign", "your_callsign", "your-name", "<callsign>", "{your callsign}", "name"}) {
    EXPECT_TRUE(is_placeholder_callsign(placeholder)) << placeholder;
  }
  for (const std::string_view name : {"", "ann", "names", "callsign-2", "my-names", "nickname7"}) {
    EXPECT_FALSE(is_placeholder_callsign(name)) << name;
  }
  EXPECT_FALSE(is_placeholder_callsign(std::string(100'000, '-') + "name"));
}

TEST(Callsigns, ModelsAreToldFromNames) {
  for (const std::string_view model : {"claude", "gpt-5", "gpt4", "codex", "claude_code"}) {
    EXPECT_TRUE(is_model_callsign(model)) << model;
  }
  for (const std::string_view name : {"", "claudette", "able-llama", "5", "not-claude"}) {
    EXPECT_FALSE(is_model_callsign(name)) << name;
  }
}

// What the hub picks or suggests is neither.
TEST(Callsigns, OfTheHubAreNamesOfTheirOwn) {
  for (const std::string_view adjective : adjectives()) {
    EXPECT_FALSE(is_model_callsign(std::string(adjective) + "-owl")) << adjective;
    EXPECT_FALSE(is_placeholder_callsign(std::string(adjective) + "-owl")) << adjective;
  }
}

TEST(Names, AreReadableAndMayAlwaysBeTaken) {
  SeededRandom random(7);
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string callsign = random_callsign(random);
    EXPECT_TRUE(is_valid_callsign(callsign)) << callsign;
    EXPECT_FALSE(is_reserved_callsign(callsign)) << callsign;
    EXPECT_LE(callsign.size(), 24u) << callsign;
    seen.insert(callsign);
  }
  EXPECT_GT(seen.size(), 1500u);
}

TEST(Names, OfChannelsEndInFourHexDigits) {
  SeededRandom random(11);
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = random_channel_id(random);
    const std::size_t dash = id.rfind('-');
    ASSERT_NE(dash, std::string::npos);
    EXPECT_EQ(id.size() - dash, 5u) << id;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef", dash + 1), std::string::npos) << id;
    EXPECT_EQ(std::count(id.begin(), id.end(), '-'), 2) << id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 2000u);
}

TEST(Names, WordsAreOneWordOfSmallLetters) {
  for (const auto words : {adjectives(), animals()}) {
    std::set<std::string_view> unique(words.begin(), words.end());
    EXPECT_EQ(unique.size(), words.size());
    for (const std::string_view word : words) {
      EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string_view::npos)
          << word;
      EXPECT_GE(word.size(), 3u) << word;
    }
  }
}

}  // namespace
}  // namespace rogerthat::core
