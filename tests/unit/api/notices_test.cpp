#include <set>

#include "text_samples.h"

namespace rogerthat::api {
namespace {

using core::TrustPosture;

TEST(Notices, EveryPostureRefusesWhatCannotBeUndone) {
  std::set<std::string> texts;
  for (const auto posture : {TrustPosture::untrusted, TrustPosture::trusted_no_password,
                             TrustPosture::trusted_authorized, TrustPosture::trusted_identity}) {
    const std::string text = join_instructions(posture, {});
    for (const char* word : {"destroy", "secrets", "money", "speak as somebody else"}) {
      EXPECT_NE(text.find(word), text.npos) << text;
    }
    texts.insert(text);
  }
  EXPECT_EQ(texts.size(), 4u);
}

TEST(Notices, HintNamesCallsignAndTheChannelsOwnIdleTime) {
  core::ChannelOptions options;
  options.session_ttl = 77 * kSecond;
  const std::string hint = join_hint(options, "amber-heron");
  EXPECT_NE(hint.find("amber-heron"), hint.npos);
  EXPECT_NE(hint.find("77 s"), hint.npos);
  EXPECT_NE(hint.find("X-Session-Id"), hint.npos);
}

TEST(Notices, CollisionSaysWhoAndHowToGetOut) {
  const std::string warning = collision_warning("amber-heron");
  EXPECT_NE(warning.find("amber-heron"), warning.npos);
  EXPECT_NE(warning.find("another callsign"), warning.npos);
}

TEST(Notices, RetentionIsNoticedOnlyWhereContentLiesOnDiskUnexpectedly) {
  core::ChannelOptions options;
  EXPECT_EQ(retention_notice(options), "");
  options.durable = true;
  EXPECT_NE(retention_notice(options), "");
  options.retention = core::Retention::metadata;
  EXPECT_NE(retention_notice(options), "");
  options.retention = core::Retention::full;
  EXPECT_EQ(retention_notice(options), "");
}

TEST(Notices, PrivacyTellsWhatTheTokenGives) {
  core::ChannelOptions options;
  EXPECT_EQ(privacy_notice(options).find("transcript"), std::string::npos);
  EXPECT_NE(privacy_notice(options).find("webhook"), std::string::npos);
  options.retention = core::Retention::full;
  EXPECT_NE(privacy_notice(options).find("transcript"), std::string::npos);
  options.require_identity = true;
  EXPECT_NE(privacy_notice(options).find("owner password"), std::string::npos);
  EXPECT_NE(meta_hint(true), meta_hint(false));
}

}  // namespace
}  // namespace rogerthat::api
