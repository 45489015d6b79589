// The hooks of an account, whose deliveries wait on any shard.
#include "hook_scene.h"

namespace rogerthat::hub {
namespace {

using core::DeliveryVerdict;

class AccountHooksTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kShards = 2;

  AccountHooksTest() {
    hub->accounts().change(
        0,
        [](const core::Directory& directory, Millis wall) -> Result<core::DirectoryChanges> {
          return directory.create_account({"acc_1", sha256("recovery"), sha256("session")}, wall);
        },
        [](const Result<void>& done) { EXPECT_TRUE(done); });
    hub.settle();
    core::WebhookRecord record;
    record.id = "wh_mine";
    record.account = "acc_1";
    EXPECT_TRUE(scene.add_hook(record));
    for (std::uint32_t shard = 0; shard < kShards; ++shard) {
      channels.push_back(scene.create(shard, true));
      sessions.push_back(scene.join(channels.back(), "alpha").session_id);
      for (int n = 0; n < 3; ++n) scene.send(channels[shard], sessions[shard], "waits");
    }
    hub.settle();
  }

  SeededRandom random{1};
  HookScene scene{random, kShards};
  SeededHub& hub = scene.hub;
  std::vector<std::string> channels, sessions;
};

TEST_F(AccountHooksTest, BeforeARemovalIsAnsweredNothingWaitsAnywhere) {
  ASSERT_EQ(scene.records(store::RecordKind::delivery), 6u);
  ASSERT_FALSE(scene.due(hub->shard(1)).empty());  // under way
  scene.send(channels[0], sessions[0], "not stored yet");
  bool answered = false;
  hub->webhooks().remove(1, "acc_1", "wh_mine", [&](const Result<void>& done) {
    answered = true;
    EXPECT_TRUE(done);
    EXPECT_EQ(hub->shard(0).deliveries().waiting(), 0u);
    EXPECT_EQ(hub->shard(1).deliveries().waiting(), 0u);
  });
  hub.settle();
  EXPECT_TRUE(answered);
  EXPECT_TRUE(hub->webhooks().none());
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
  EXPECT_EQ(scene.records(store::RecordKind::webhook), 0u);
  EXPECT_TRUE(hub->shard(1).delivery_log("wh_mine").empty());
  hub->shard(1).settle_delivery(scene.taken[0].id, {DeliveryVerdict::retry, 503, "", 5});
  hub.settle();
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
}

TEST_F(AccountHooksTest, WhatIsStoredAfterTheRemovalDoesNotWaitEither) {
  scene.send(channels[1], sessions[1], "stored late");
  hub->webhooks().remove(0, "acc_1", "wh_mine",
                         [](const Result<void>& done) { EXPECT_TRUE(done); });
  for (int n = 0; n < 3; ++n) {  // the first shard is far ahead of the other
    while (hub.run_next(0)) {
    }
    hub->shard(0).flush();
    hub.store().write(1);
  }
  while (hub.run_next(1)) {
  }
  ASSERT_TRUE(hub->webhooks().none());
  ASSERT_EQ(hub->shard(1).deliveries().waiting(), 0u);
  hub.settle();
  EXPECT_EQ(hub->shard(1).deliveries().waiting(), 0u);
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
}

TEST_F(AccountHooksTest, ARemovedChannelTakesWhatWaitsForHooksOfOthers) {
  scene.send(channels[1], sessions[1], "stored late");
  hub->shard(1).remove(scene.entry(channels[1]));
  EXPECT_EQ(hub->shard(1).deliveries().waiting(), 0u);
  hub.settle();
  EXPECT_EQ(hub->shard(1).deliveries().waiting(), 0u);
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 3u);  // of the other channel
}

TEST_F(AccountHooksTest, OnlyItsOwnerRemovesOrRotatesIt) {
  bool answered = false;
  hub->webhooks().remove(1, "acc_2", "wh_mine", [&](const Result<void>& done) {
    answered = true;
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::not_found);
  });
  hub->webhooks().rotate(1, "acc_1", "wh_mine", [&](const Result<core::WebhookRecord>& rotated) {
    ASSERT_TRUE(rotated);
    EXPECT_EQ(rotated->rotation, 1u);
  });
  hub.settle();
  EXPECT_TRUE(answered);
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 6u);
  hub.crash();
  hub->webhooks().read(
      [](const core::HookBook& book) { EXPECT_EQ(book.find("wh_mine")->rotation, 1u); });
}

TEST_F(AccountHooksTest, ADeletedAccountTakesItsHooks) {
  hub->accounts().change(
      0, [](const core::Directory& directory, Millis) { return directory.remove_account("acc_1"); },
      [](const Result<void>& done) { EXPECT_TRUE(done); });
  hub.settle();
  EXPECT_TRUE(hub->webhooks().none());
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
  EXPECT_EQ(scene.records(store::RecordKind::webhook), 0u);
  core::WebhookRecord late;
  late.id = "wh_late";
  late.account = "acc_1";
  EXPECT_FALSE(scene.add_hook(late));
}

TEST_F(AccountHooksTest, AReceiverThatIsGoneEndsTheHookOnEveryShard) {
  ASSERT_FALSE(scene.due(hub->shard(1)).empty());
  EXPECT_TRUE(
      hub->shard(1).settle_delivery(scene.taken[0].id, {DeliveryVerdict::gone, 410, "", 5}));
  hub->webhooks().disable("wh_mine");
  hub.settle();
  EXPECT_FALSE(hub->webhooks().is_active("wh_mine"));
  EXPECT_EQ(hub->shard(0).deliveries().waiting(), 0u);
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
  EXPECT_EQ(hub->shard(1).delivery_log("wh_mine").size(), 3u);  // who looks sees why
  scene.send(channels[0], sessions[0], "nobody listens");
  hub.settle();
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
  hub.crash();
  EXPECT_FALSE(hub->webhooks().none());
  EXPECT_FALSE(hub->webhooks().is_active("wh_mine"));
}

}  // namespace
}  // namespace rogerthat::hub
