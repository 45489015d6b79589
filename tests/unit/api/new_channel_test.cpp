#include <gtest/gtest.h>

#include "api/acts/creation.h"
#include "api/http/body.h"

namespace rogerthat::api {
namespace {

using core::Retention;
using core::TrustMode;

Result<NewChannel> create(std::string_view body, std::string_view mode = "") {
  SeededRandom random(1);
  const auto edition = core::parse_edition(mode);
  FieldReader reader;
  CreateFields fields;
  reader.read_object(*parse_body(body), part(create_fields(), fields));
  return read_new_channel(reader, fields, edition ? edition->mode : nullptr, random);
}

std::string creation_refusal(std::string_view body) {
  const auto made = create(body);
  return made ? "accepted" : made.error().message;
}

TEST(NewChannel, HasTheDefaultsOfTheContract) {
  const auto made = create("{}");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->options, core::ChannelOptions());
  EXPECT_EQ(made->owner_password, "");
}

TEST(NewChannel, TakesEveryField) {
  const auto made = create(R"({"retention":"prompts","trust_mode":"trusted",
      "owner_password":"  secret word ","session_ttl_seconds":0.5,"durable":true,"ring_size":10000,
      "on_collision":"rename","loop_guard":"off","unknown":[1]})");
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->options.retention, Retention::prompts);
  EXPECT_EQ(made->options.trust_mode, TrustMode::trusted);
  EXPECT_EQ(made->owner_password, "secret word");
  EXPECT_TRUE(made->options.has_owner_password);
  EXPECT_EQ(made->options.session_ttl, 500);
  EXPECT_TRUE(made->options.durable);
  EXPECT_EQ(made->options.ring_size, 10000u);
  EXPECT_EQ(made->options.on_collision, core::OnCollision::rename);
  EXPECT_EQ(made->options.loop_guard, core::LoopGuardMode::off);
}

TEST(NewChannel, IsDurableWhereTheRetentionIsFull) {
  EXPECT_TRUE(create(R"({"retention":"full"})")->options.durable);
  EXPECT_FALSE(create(R"({"retention":"full","durable":false})")->options.durable);
  EXPECT_FALSE(create(R"({"retention":"metadata"})")->options.durable);
}

TEST(NewChannel, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"retention":"forever"})", "retention must be one of"},
      {R"({"retention":7})", "retention must be a string"},
      {R"({"trust_mode":"maybe"})", "trust_mode must be one of"},
      {R"({"require_identity":"yes"})", "require_identity must be true or false"},
      {R"({"owner_password":"short"})", "owner_password must have 6 to 128 characters"},
      {R"({"session_ttl_seconds":0})", "session_ttl_seconds must be above 0"},
      {R"({"session_ttl_seconds":86401})", "at most 86400"},
      {R"({"session_ttl_seconds":"60"})", "session_ttl_seconds must be a number"},
      {R"({"durable":1})", "durable must be true or false"},
      {R"({"ring_size":9})", "ring_size must be a whole number from 10 to 10000"},
      {R"({"ring_size":10001})", "ring_size must be a whole number from 10 to 10000"},
      {R"({"on_collision":"fight"})", "on_collision must be one of"},
      {R"({"loop_guard":"on"})", "loop_guard must be one of"},
  };
  for (const auto& [body, sentence] : cases) {
    EXPECT_NE(creation_refusal(body).find(sentence), std::string::npos)
        << body << ": " << creation_refusal(body);
  }
}

TEST(NewChannel, TrustNeedsAProof) {
  EXPECT_NE(creation_refusal(R"({"trust_mode":"trusted"})").find("require_identity"),
            std::string::npos);
  EXPECT_NE(
      creation_refusal(R"({"trust_mode":"trusted","owner_password":"  "})").find("owner_password"),
      std::string::npos);
  EXPECT_EQ(creation_refusal(R"({"trust_mode":"trusted","require_identity":true})"), "accepted");
  EXPECT_EQ(creation_refusal(R"({"trust_mode":"trusted","owner_password":"123456"})"), "accepted");
}

TEST(NewChannel, PresetsFillWhatTheBodyLeavesOut) {
  const auto park = create("{}", "park");
  EXPECT_EQ(park->options.retention, Retention::metadata);
  EXPECT_EQ(park->options.session_ttl, 86400 * kSecond);
  const auto team = create("{}", "claude-team");
  EXPECT_TRUE(team->options.require_identity);
  EXPECT_TRUE(team->options.durable);
  const auto own = create(R"({"retention":"none","session_ttl_seconds":60})", "team");
  EXPECT_EQ(own->options.retention, Retention::none);
  EXPECT_FALSE(own->options.durable);
  EXPECT_EQ(own->options.session_ttl, 60 * kSecond);
}

TEST(NewChannel, GoMintsAnOwnerPassword) {
  const auto minted = create("{}", "go");
  ASSERT_TRUE(minted.has_value()) << minted.error().message;
  EXPECT_GE(minted->owner_password.size(), 12u);
  EXPECT_TRUE(minted->options.has_owner_password);
  EXPECT_EQ(create(R"({"owner_password":"my own one"})", "go")->owner_password, "my own one");
}

}  // namespace
}  // namespace rogerthat::api
