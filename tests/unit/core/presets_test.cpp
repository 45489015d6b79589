#include "core/presets.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace rogerthat::core {
namespace {

const Mode& mode(std::string_view name) {
  return *parse_edition(name)->mode;
}

TEST(Presets, ModesFillWhatTheContractSays) {
  ASSERT_EQ(modes().size(), 4u);

  EXPECT_EQ(mode("park").retention, Retention::metadata);
  EXPECT_EQ(mode("park").trust_mode, TrustMode::untrusted);
  EXPECT_EQ(mode("park").session_ttl, kSessionTtlMax);
  EXPECT_EQ(mode("park").receive, Receive::listen_here);

  EXPECT_EQ(mode("live").retention, Retention::none);
  EXPECT_EQ(mode("live").session_ttl, 300 * kSecond);
  EXPECT_EQ(mode("live").receive, Receive::polling);

  EXPECT_EQ(mode("go").trust_mode, TrustMode::trusted);
  EXPECT_EQ(mode("go").session_ttl, 3600 * kSecond);
  EXPECT_TRUE(mode("go").mints_owner_password);

  EXPECT_EQ(mode("team").retention, Retention::full);
  EXPECT_TRUE(mode("team").require_identity);
  EXPECT_EQ(mode("team").trust_mode, TrustMode::trusted);
  EXPECT_FALSE(mode("team").mints_owner_password);
}

TEST(Presets, NoModeIsTrustedWithoutProof) {
  for (const Mode& m : modes()) {
    if (m.trust_mode != TrustMode::trusted) continue;
    EXPECT_TRUE(m.require_identity || m.mints_owner_password) << m.name;
  }
}

TEST(Presets, HarnessAndModeCombine) {
  const auto both = parse_edition("codex-park");
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->harness->name, "codex");
  EXPECT_EQ(both->mode->name, "park");

  const auto harness = parse_edition("claude");
  ASSERT_TRUE(harness.has_value());
  EXPECT_EQ(harness->harness->title, "Claude Code");
  EXPECT_EQ(harness->mode, nullptr);

  for (const char* name : {"claude", "codex", "cursor", "cline", "kimi", "gemini", "aider"}) {
    EXPECT_TRUE(parse_edition(name).has_value()) << name;
  }
}

TEST(Presets, WhatIsNotKnownIsNoEdition) {
  for (const char* name : {"", "-", "www", "parks", "park-codex", "codex-", "-park", "codex-codex",
                           "codex-park-live", "Park", "claude-www"}) {
    EXPECT_FALSE(parse_edition(name).has_value()) << name;
  }
}

TEST(Presets, EveryHarnessSaysHowItIsWoken) {
  std::set<std::string_view> sentences;
  for (const Harness& harness : harnesses()) sentences.insert(harness.wake);
  EXPECT_EQ(sentences.size(), harnesses().size());
}

}  // namespace
}  // namespace rogerthat::core
