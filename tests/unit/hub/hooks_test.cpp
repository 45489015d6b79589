// Webhooks on shards: what becomes a delivery and what does not, what is on disk when, and what
// the end of a hook, a channel or a process leaves.
#include <algorithm>

#include "hook_scene.h"
#include "store/hook_codec.h"

namespace rogerthat::hub {
namespace {

using core::DeliveryVerdict;
using Strings = std::vector<std::string>;

constexpr std::uint8_t kMessages = 1;
constexpr std::uint8_t kSessions = 2 | 4;

bool holds_delivery(const store::Batch& batch) {
  return std::ranges::any_of(batch.records, [](const store::RecordChange& change) {
    return change.kind == store::RecordKind::delivery;
  });
}

class HooksTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kShards = 2;

  SeededRandom random{1};
  HookScene scene{random, kShards};
  SeededHub& hub = scene.hub;
};

TEST_F(HooksTest, TheRecordIsInTheBatchOfTheMessage) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  Shard& shard = scene.home(channel);

  scene.send(channel, alpha.session_id, "hello");
  shard.flush();
  ASSERT_EQ(hub.store().queue().size(), 1u);
  const store::Batch& batch = hub.store().queue().front();
  ASSERT_EQ(batch.journal.size(), 1u);
  ASSERT_EQ(batch.records.size(), 1u);
  EXPECT_EQ(batch.records[0].kind, store::RecordKind::delivery);
  const auto record = store::decode_delivery(batch.records[0].key, *batch.records[0].data);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->hook, hook);
  EXPECT_EQ(record->home, channel);
  EXPECT_EQ(record->body, "hello");
}

TEST_F(HooksTest, NothingWaitsBeforeTheCommit) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  Shard& shard = scene.home(channel);

  scene.send(channel, alpha.session_id, "hello");
  shard.flush();
  EXPECT_TRUE(scene.due(shard).empty());
  EXPECT_EQ(shard.deliveries_due(), HookQueue::kNever);
  EXPECT_EQ(scene.sources[1]->woken, 0);
  hub.settle();
  EXPECT_EQ(scene.sources[1]->woken, 1);
  EXPECT_EQ(scene.due(shard), Strings{hook + ":hello"});
  EXPECT_TRUE(scene.taken[0].stored);
}

TEST_F(HooksTest, WhatIsDeliveredCostsNoCommitOfItsOwn) {
  const std::string channel = scene.create(1, true);
  scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  Shard& shard = scene.home(channel);
  const auto deliver = [&] {
    scene.send(channel, alpha.session_id, "hello");
    hub.settle();
    ASSERT_EQ(scene.due(shard).size(), 1u);
    shard.settle_delivery(scene.taken.back().id, {DeliveryVerdict::delivered, 200, "", 5});
    shard.flush();
    EXPECT_EQ(hub.store().waiting(), 0u);
    EXPECT_EQ(scene.records(store::RecordKind::delivery), 1u);
  };
  deliver();
  deliver();  // the first one's record went along with the second message

  hub.pass(kSecond);
  shard.run_timers(hub.now());
  hub.settle();
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
}

TEST_F(HooksTest, AChannelInMemoryLeavesNoRecord) {
  const std::string channel = scene.create(1, false);
  const std::string hook = scene.hook(channel, kMessages | kSessions);
  const JoinReply alpha = scene.join(channel, "alpha");
  Shard& shard = scene.home(channel);
  hub.settle();

  scene.send(channel, alpha.session_id, "hello");
  EXPECT_EQ(scene.due(shard), (Strings{hook + ":+alpha", hook + ":hello"}));
  shard.settle_delivery(scene.taken[0].id, {DeliveryVerdict::retry, 503, "", 5});
  shard.settle_delivery(scene.taken[1].id, {DeliveryVerdict::delivered, 200, "", 5});
  shard.flush();
  for (const store::Batch& batch : hub.store().queue()) EXPECT_FALSE(holds_delivery(batch));
  hub.settle();
  EXPECT_EQ(shard.deliveries().waiting(), 1u);
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 0u);
  hub.crash();
  EXPECT_EQ(scene.home(channel).deliveries().waiting(), 0u);
}

TEST_F(HooksTest, StatusesAndDuplicatesMakeNoDelivery) {
  const std::string channel = scene.create(0, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");

  core::SendCommand status;
  status.kind = core::Kind::status;
  scene.send(channel, alpha.session_id, "busy", nullptr, std::move(status));
  for (int n = 0; n < 2; ++n) {
    core::SendCommand once;
    once.client_id = "c1";
    scene.send(channel, alpha.session_id, "hello", nullptr, std::move(once));
    hub.settle();
  }
  EXPECT_EQ(scene.due(scene.home(channel)), Strings{hook + ":hello"});
}

TEST_F(HooksTest, ADirectMessageMakesADeliveryAsOthersDo) {
  const std::string channel = scene.create(0, true);
  const std::string hook = scene.hook(channel);
  scene.join(channel, "bravo");
  const JoinReply alpha = scene.join(channel, "alpha");
  core::SendCommand direct;
  direct.to = "bravo";
  scene.send(channel, alpha.session_id, "between us", nullptr, std::move(direct));
  hub.settle();
  EXPECT_EQ(scene.due(scene.home(channel)), Strings{hook + ":between us"});
}

TEST_F(HooksTest, TellsWhoComesAndGoes) {
  for (const bool durable : {false, true}) {
    const std::string channel = scene.create(0, durable);
    const std::string hook = scene.hook(channel, kSessions);
    Shard& shard = scene.home(channel);
    const auto told = [&] {
      hub.settle();
      Strings out = scene.due(shard);
      for (const core::Delivery& each : std::exchange(scene.taken, {})) {
        shard.settle_delivery(each.id, {DeliveryVerdict::delivered, 200, "", 5});
      }
      return out;
    };
    const JoinReply alpha = scene.join(channel, "alpha");
    EXPECT_EQ(told(), Strings{hook + ":+alpha"});

    // The same session again, also with another intro, is no news.
    core::JoinCommand again;
    again.session_id = alpha.session_id;
    again.intro = "back";
    scene.join(channel, "alpha", again);
    EXPECT_EQ(told(), Strings{});

    scene.join(channel, "bravo", again);  // under another callsign
    EXPECT_EQ(told(), (Strings{hook + ":-alpha", hook + ":+bravo"}));

    shard.leave(scene.entry(channel), alpha.session_id, [](const Result<bool>&) {});
    EXPECT_EQ(told(), Strings{hook + ":-bravo"});

    // Who joins with a key gives up the session that it has had without one: that has ended, and
    // another has begun.
    const JoinReply plain = scene.join(channel, "carol");
    EXPECT_EQ(told(), Strings{hook + ":+carol"});
    core::JoinCommand key;
    key.identity_account = "acc_9";
    key.session_id = plain.session_id;
    scene.join(channel, "carol", key);
    EXPECT_EQ(told(), (Strings{hook + ":-carol", hook + ":+carol"}));

    hub.pass(core::kSessionTtlDefault + kMinute);
    shard.run_timers(hub.now());
    EXPECT_EQ(told(), Strings{hook + ":-carol"});
  }
}

TEST_F(HooksTest, AHookHearsOnlyWhatItWants) {
  const std::string channel = scene.create(0, true);
  const std::string messages = scene.hook(channel, kMessages);
  const std::string sessions = scene.hook(channel, kSessions);
  const JoinReply alpha = scene.join(channel, "alpha");
  scene.send(channel, alpha.session_id, "hello");
  hub.settle();
  EXPECT_EQ(scene.due(scene.home(channel)), (Strings{sessions + ":+alpha", messages + ":hello"}));
}

TEST_F(HooksTest, ARemovedChannelTakesItsHooksAndWhatWaits) {
  const std::string channel = scene.create(1, true);
  const std::string other = scene.create(1, true);
  scene.hook(channel, kMessages | kSessions);
  const std::string kept = scene.hook(other, kMessages);
  const JoinReply alpha = scene.join(channel, "alpha");
  const JoinReply bravo = scene.join(other, "bravo");
  Shard& shard = scene.home(channel);
  scene.send(channel, alpha.session_id, "waits");
  scene.send(other, bravo.session_id, "stays");
  hub.settle();
  ASSERT_EQ(scene.records(store::RecordKind::delivery), 3u);

  scene.send(channel, alpha.session_id, "not stored yet");
  shard.remove(scene.entry(channel));
  hub.settle();
  EXPECT_EQ(scene.due(shard), Strings{kept + ":stays"});
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 1u);
  EXPECT_EQ(scene.records(store::RecordKind::webhook), 1u);
  EXPECT_EQ(hub->webhooks().read([](const core::HookBook& book) { return book.size(); }), 1u);
}

TEST_F(HooksTest, AChannelThatACrashBringsBackHasItsHooks) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  scene.send(channel, alpha.session_id, "waits");
  hub.settle();
  scene.home(channel).remove(scene.entry(channel));
  while (hub.run_next(0)) {
  }
  hub->shard(0).flush();
  hub.store().write(1);  // of the first shard; the removal is still on its way
  hub.crash();
  ASSERT_NE(scene.home(channel).find(channel), nullptr);
  EXPECT_TRUE(hub->webhooks().is_active(hook));
  EXPECT_EQ(scene.due(scene.home(channel)), Strings{hook + ":waits"});
}

TEST_F(HooksTest, AnIdleChannelTakesItsHooks) {
  const std::string channel = scene.create(1, true);
  scene.hook(channel);
  hub.pass(31 * kDay);  // nobody has ever joined
  for (int n = 0; n < 200; ++n) {
    hub.pass(kMinute);
    scene.home(channel).run_timers(hub.now());
  }
  hub.settle();
  EXPECT_EQ(scene.home(channel).find(channel), nullptr);
  EXPECT_TRUE(hub->webhooks().none());
  EXPECT_EQ(scene.records(store::RecordKind::webhook), 0u);
}

TEST_F(HooksTest, AHookOfAChannelThatHasGoneIsRefused) {
  const std::string channel = scene.create(1, true);
  scene.home(channel).remove(scene.entry(channel));
  core::WebhookRecord record;
  record.id = "wh_late";
  record.channel = channel;
  const auto added = scene.add_hook(record);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::not_found);
  EXPECT_TRUE(hub->webhooks().none());
  EXPECT_EQ(scene.records(store::RecordKind::webhook), 0u);
}

TEST_F(HooksTest, WhatWaitsSurvivesACrash) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  for (const char* text : {"failed once", "under way", "waits"}) {
    scene.send(channel, alpha.session_id, text);
  }
  hub.settle();
  scene.due(scene.home(channel));
  const std::vector<core::Delivery> before = std::exchange(scene.taken, {});
  ASSERT_EQ(before.size(), 3u);
  scene.home(channel).settle_delivery(before[0].id, {DeliveryVerdict::retry, 503, "", 5});
  hub.settle();
  const Millis due = scene.home(channel).delivery_log(hook).back().next_at;
  scene.send(channel, alpha.session_id, "never stored");
  scene.home(channel).flush();

  hub.crash();
  hub.pass(due - hub.now().wall - 100);
  Shard& shard = scene.home(channel);
  EXPECT_EQ(shard.deliveries().waiting(), 3u);
  EXPECT_EQ(scene.due(shard), (Strings{hook + ":under way", hook + ":waits"}));
  EXPECT_EQ(scene.taken[0].id, before[1].id);
  EXPECT_EQ(scene.taken[0].attempts, 0u);  // the one that was cut does not count
  EXPECT_GT(shard.deliveries_due(), shard.now().steady);
  EXPECT_LE(shard.deliveries_due(), shard.now().steady + 200);
  hub.pass(200);
  EXPECT_EQ(scene.due(shard), Strings{hook + ":failed once"});
  EXPECT_EQ(scene.taken[2].id, before[0].id);
  EXPECT_EQ(scene.taken[2].attempts, 1u);
}

TEST_F(HooksTest, OfOneMomentTheOrderSurvivesACrash) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  Strings expected;
  for (int n = 0; n < 4; ++n) {  // their ids do not sort as they were sent
    scene.numbers += 6;
    scene.send(channel, alpha.session_id, std::to_string(n));
    expected.push_back(hook + ":" + std::to_string(n));
  }
  hub.settle();
  hub.crash();
  EXPECT_EQ(scene.due(scene.home(channel)), expected);
}

TEST_F(HooksTest, WhatBelongsToNobodyIsDroppedWithItsRecords) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const auto put = [&](const store::RecordChange& change) {
    hub.disk().records[{change.kind, change.key}] = *change.data;
  };
  core::WebhookRecord of_nobody;
  of_nobody.id = "wh_nobody";
  of_nobody.channel = "no-such-channel";
  put(store::encode_webhook(of_nobody));
  of_nobody.id = "wh_deleted";
  of_nobody.channel.clear();
  of_nobody.account = "acc_deleted";
  put(store::encode_webhook(of_nobody));
  core::Delivery delivery;
  delivery.home = channel;
  delivery.id = "whd_without_hook";
  delivery.hook = "wh_removed";
  put(store::encode_delivery(delivery));
  delivery.id = "whd_of_nobody";
  delivery.hook = "wh_nobody";
  put(store::encode_delivery(delivery));
  delivery.id = "whd_without_home";
  delivery.hook = hook;
  delivery.home = "no-such-channel";
  put(store::encode_delivery(delivery));
  delivery.id = "whd_kept";
  delivery.home = channel;
  put(store::encode_delivery(delivery));

  hub.crash();
  hub.settle();
  EXPECT_EQ(scene.records(store::RecordKind::webhook), 1u);
  EXPECT_EQ(scene.records(store::RecordKind::delivery), 1u);
  scene.due(scene.home(channel));
  ASSERT_EQ(scene.taken.size(), 1u);
  EXPECT_EQ(scene.taken[0].id, "whd_kept");
}

TEST_F(HooksTest, ADelayedDueTimeIsNeverFarAway) {  // the clock was ahead when it was set
  const std::string channel = scene.create(1, true);
  core::Delivery delivery;
  delivery.id = "whd_1";
  delivery.hook = scene.hook(channel);
  delivery.home = channel;
  delivery.due_at = hub.now().wall + 1'000 * kDay;
  const store::RecordChange change = store::encode_delivery(delivery);
  hub.disk().records[{change.kind, change.key}] = *change.data;
  hub.crash();
  EXPECT_LE(scene.home(channel).deliveries_due(), hub.now().steady + 12 * kHour);
}

TEST_F(HooksTest, WhileTheDiskRefusesNothingIsLost) {
  const std::string channel = scene.create(1, true);
  const std::string hook = scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  scene.send(channel, alpha.session_id, "in between");
  scene.home(channel).flush();
  hub.refuse_disk();
  while (scene.home(channel).store_healthy()) hub.step();
  EXPECT_TRUE(scene.due(scene.home(channel)).empty());
  hub.settle();
  EXPECT_EQ(scene.due(scene.home(channel)), Strings{hook + ":in between"});
}

TEST_F(HooksTest, AShardThatDrainsBeginsNoAttempt) {
  const std::string channel = scene.create(1, true);
  scene.hook(channel);
  const JoinReply alpha = scene.join(channel, "alpha");
  scene.send(channel, alpha.session_id, "hello");
  hub.settle();
  scene.home(channel).drain();
  EXPECT_EQ(scene.home(channel).take_delivery(), nullptr);
  EXPECT_EQ(scene.home(channel).deliveries_due(), HookQueue::kNever);
}

}  // namespace
}  // namespace rogerthat::hub
