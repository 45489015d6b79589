#include "outbox/hook_secret.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace rogerthat::outbox {
namespace {

TEST(HookSecret, IsDerivedFromKeyHookAndRotation) {
  const Digest key = sha256("a key file");
  const HookSecret secret = hook_secret(key, "wh_a", 0);
  EXPECT_TRUE(secret.text.starts_with("whsec_"));
  EXPECT_EQ(decode_base64(secret.text.substr(6)), secret.key);
  EXPECT_EQ(secret.key.size(), 32U);
  EXPECT_EQ(hook_secret(key, "wh_a", 0).text, secret.text);
  EXPECT_NE(hook_secret(key, "wh_a", 1).text, secret.text);
  EXPECT_NE(hook_secret(key, "wh_b", 0).text, secret.text);
  EXPECT_NE(hook_secret(sha256("another"), "wh_a", 0).text, secret.text);
}

// The example that the Standard Webhooks specification gives.
TEST(HookSecret, SignsAsStandardWebhooksDo) {
  const std::string text = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const HookSecret secret{"whsec_" + text, *decode_base64(text)};
  EXPECT_EQ(timed_signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                            R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// RFC 4231, test case 2, whose key is text.
TEST(HookSecret, SignsTheBodyWithTheSecretAsItIsShown) {
  EXPECT_EQ(body_signature({"Jefe", ""}, "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace rogerthat::outbox
