#include "store/hook_codec.h"

#include <gtest/gtest.h>

#include "damage.h"

namespace rogerthat::store {
namespace {

core::WebhookRecord hook() {
  core::WebhookRecord record;
  record.id = "wh_1";
  record.channel = "swift-otter-1a2b";
  record.url = "https://example.org/hook?a=1";
  record.events = 5;
  record.rotation = 3;
  record.created_at = 1'700'000'000'000;
  record.content = false;
  record.active = false;
  return record;
}

core::Delivery delivery() {
  core::Delivery made;
  made.id = "whd_1";
  made.hook = "wh_1";
  made.home = "swift-otter-1a2b";
  made.event = core::HookEvent::session_left;
  made.body = R"({"event":"session.left"})" + std::string(1, '\0') + "\xff";
  made.created_at = 1'700'000'000'000;
  made.seq = 42;
  made.attempts = 4;
  made.due_at = 1'700'000'300'000;
  made.stored = true;
  return made;
}

TEST(HookCodec, KeepsEveryFieldOfAWebhook) {
  core::WebhookRecord of_account = hook();
  of_account.channel.clear();
  of_account.account = "acc_1";
  of_account.content = of_account.active = of_account.at_home = true;
  for (const core::WebhookRecord& record : {hook(), of_account}) {
    const RecordChange change = encode_webhook(record);
    EXPECT_EQ(change.kind, RecordKind::webhook);
    EXPECT_EQ(change.key, "wh_1");
    const auto decoded = decode_webhook("wh_1", *change.data);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, record);
  }
}

TEST(HookCodec, KeepsEveryFieldOfADelivery) {
  const RecordChange change = encode_delivery(delivery());
  EXPECT_EQ(change.kind, RecordKind::delivery);
  EXPECT_EQ(change.key, "whd_1");
  const auto decoded = decode_delivery("whd_1", *change.data);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, delivery());
}

TEST(HookCodec, ForgettingDeletesTheRecord) {
  EXPECT_EQ(forget_webhook("wh_1").kind, RecordKind::webhook);
  EXPECT_EQ(forget_delivery("whd_1").kind, RecordKind::delivery);
  EXPECT_EQ(forget_delivery("whd_1").key, "whd_1");
  EXPECT_FALSE(forget_webhook("wh_1").data);
  EXPECT_FALSE(forget_delivery("whd_1").data);
}

TEST(HookCodec, RefusesWhatIsCutShortTooLongOrOfAnotherFormat) {
  const std::string a_hook = *encode_webhook(hook()).data;
  const std::string a_delivery = *encode_delivery(delivery()).data;
  for (std::size_t size = 0; size < a_hook.size(); ++size) {
    EXPECT_FALSE(decode_webhook("wh_1", a_hook.substr(0, size))) << size;
  }
  for (std::size_t size = 0; size < a_delivery.size(); ++size) {
    EXPECT_FALSE(decode_delivery("whd_1", a_delivery.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_webhook("wh_1", a_hook + "x"));
  EXPECT_FALSE(decode_delivery("whd_1", a_delivery + "x"));
  std::string other = a_delivery;
  other[0] = 99;
  EXPECT_FALSE(decode_delivery("whd_1", other));
}

TEST(HookCodec, RefusesAHookOfNobodyOrOfTwo) {
  core::WebhookRecord record = hook();
  record.account = "acc_1";
  EXPECT_FALSE(decode_webhook("wh_1", *encode_webhook(record).data));
  record.account.clear();
  record.channel.clear();
  EXPECT_FALSE(decode_webhook("wh_1", *encode_webhook(record).data));
}

TEST(HookCodec, WhatDamageLeavesReadableIsWrittenAsItWasRead) {
  expect_written_as_read(
      *encode_webhook(hook()).data, [](auto data) { return decode_webhook("wh_1", data); },
      [](const core::WebhookRecord& record) { return *encode_webhook(record).data; });
  expect_written_as_read(
      *encode_delivery(delivery()).data, [](auto data) { return decode_delivery("whd_1", data); },
      [](const core::Delivery& record) { return *encode_delivery(record).data; });
}

}  // namespace
}  // namespace rogerthat::store
