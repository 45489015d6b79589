// Who has which webhook, what a webhook hears, and when a delivery that failed is tried again.
#include "core/hook_book.h"

#include <gtest/gtest.h>

namespace rogerthat::core {
namespace {

WebhookRecord of_channel(const std::string& id, const std::string& channel = "swift-otter-1a2b") {
  WebhookRecord hook;
  hook.id = id;
  hook.channel = channel;
  hook.url = "https://example.org/hook";
  hook.created_at = 1'700'000'000'000;
  return hook;
}

std::vector<std::string> ids(const std::vector<const WebhookRecord*>& hooks) {
  std::vector<std::string> out;
  for (const WebhookRecord* hook : hooks) out.push_back(hook->id);
  return out;
}

TEST(HookBook, KnowsTheHooksOfAnOwnerOldestFirst) {
  HookBook book;
  ASSERT_TRUE(book.add(of_channel("wh_b")));
  ASSERT_TRUE(book.add(of_channel("wh_a")));
  WebhookRecord old = of_channel("wh_c");
  old.created_at -= kDay;
  book.put(old);  // recovery has its own order
  ASSERT_TRUE(book.add(of_channel("wh_d", "another")));
  EXPECT_EQ(ids(book.of("swift-otter-1a2b")), (std::vector<std::string>{"wh_c", "wh_b", "wh_a"}));
  EXPECT_EQ(ids(book.of("another")), std::vector<std::string>{"wh_d"});
  EXPECT_TRUE(book.of("nobody").empty());
  EXPECT_EQ(book.size(), 4u);
}

TEST(HookBook, PutReplacesWhatIsThere) {
  HookBook book;
  book.put(of_channel("wh_a"));
  WebhookRecord changed = of_channel("wh_a");
  changed.rotation = 7;
  book.put(changed);
  EXPECT_EQ(book.size(), 1u);
  EXPECT_EQ(*book.find("wh_a"), changed);
  EXPECT_EQ(book.of("swift-otter-1a2b").size(), 1u);
}

TEST(HookBook, AChannelAndAnAccountHaveTenAtMost) {
  HookBook book;
  for (std::size_t n = 0; n < kHooksPerChannelMax; ++n) {
    ASSERT_TRUE(book.add(of_channel("wh_" + std::to_string(n))));
  }
  const auto refused = book.add(of_channel("wh_more"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().message, "This channel has 10 webhooks, which is the most.");
  EXPECT_EQ(book.find("wh_more"), nullptr);

  WebhookRecord mine = of_channel("wh_mine");
  mine.channel.clear();
  mine.account = "acc_1";
  EXPECT_TRUE(book.add(mine));
  ASSERT_TRUE(book.remove("swift-otter-1a2b", "wh_3"));
  EXPECT_TRUE(book.add(of_channel("wh_more")));
}

TEST(HookBook, NothingOfAnotherOwnerIsChangedOrTold) {
  HookBook book;
  ASSERT_TRUE(book.add(of_channel("wh_a")));
  for (const std::string_view owner : {"another", ""}) {
    const auto rotated = book.rotate(owner, "wh_a");
    ASSERT_FALSE(rotated);
    const auto removed = book.remove(owner, "wh_a");
    ASSERT_FALSE(removed);
    const auto unknown = book.remove(owner, "wh_unknown");
    EXPECT_EQ(removed.error().code, ErrorCode::not_found);
    EXPECT_EQ(removed.error().message, unknown.error().message);
  }
  EXPECT_EQ(book.find("wh_a")->rotation, 0u);
  EXPECT_EQ(book.rotate("swift-otter-1a2b", "wh_a")->rotation, 1u);
  EXPECT_EQ(book.find("wh_a")->rotation, 1u);
}

TEST(HookBook, RemovesOneOrAllOfAnOwner) {
  HookBook book;
  ASSERT_TRUE(book.add(of_channel("wh_a")));
  ASSERT_TRUE(book.add(of_channel("wh_b")));
  ASSERT_TRUE(book.add(of_channel("wh_c", "another")));
  ASSERT_TRUE(book.remove("swift-otter-1a2b", "wh_a"));
  EXPECT_EQ(book.find("wh_a"), nullptr);
  EXPECT_EQ(book.remove_all("swift-otter-1a2b"), std::vector<std::string>{"wh_b"});
  EXPECT_TRUE(book.remove_all("swift-otter-1a2b").empty());
  EXPECT_EQ(book.size(), 1u);
}

TEST(HookBook, AHookIsDisabledOnceAndHearsNothingThen) {
  HookBook book;
  ASSERT_TRUE(book.add(of_channel("wh_a")));
  EXPECT_TRUE(book.find("wh_a")->wants(HookEvent::message_received));
  EXPECT_FALSE(book.find("wh_a")->wants(HookEvent::session_joined));
  const auto disabled = book.disable("wh_a");
  ASSERT_TRUE(disabled);
  EXPECT_FALSE(disabled->active);
  EXPECT_FALSE(book.find("wh_a")->wants(HookEvent::message_received));
  EXPECT_FALSE(book.disable("wh_a"));
  EXPECT_FALSE(book.disable("wh_unknown"));
}

TEST(Webhook, EventsHaveNames) {
  for (const HookEvent event : kHookEvents) EXPECT_EQ(parse_hook_event(to_string(event)), event);
  EXPECT_EQ(to_string(HookEvent::session_left), "session.left");
  EXPECT_FALSE(parse_hook_event("message.sent"));
}

TEST(Webhook, AnAnswerDecidesWhatBecomesOfADelivery) {
  for (const int status : {200, 202, 204, 299}) {
    EXPECT_EQ(judge_delivery(status), DeliveryVerdict::delivered) << status;
  }
  for (const int status : {301, 307, 400, 404, 429}) {
    EXPECT_EQ(judge_delivery(status), DeliveryVerdict::refused) << status;
  }
  for (const int status : {0, 100, 500, 503, 599}) {
    EXPECT_EQ(judge_delivery(status), DeliveryVerdict::retry) << status;
  }
  EXPECT_EQ(judge_delivery(410), DeliveryVerdict::gone);
}

}  // namespace
}  // namespace rogerthat::core
