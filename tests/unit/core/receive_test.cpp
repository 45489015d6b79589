#include "scene.h"

namespace rogerthat::core {
namespace {

TEST(Cursor, MovesOnlyWhenHandedOver) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.send(alpha, "one");
  const ReaderNo lost = scene.offer_all(bravo);
  scene.channel.detach(lost);  // the connection died before its bytes were acknowledged
  EXPECT_EQ(scene.unread(bravo).size(), 1u);
  const ReaderNo kept = scene.offer_all(bravo);
  scene.channel.settle(kept, true, false, scene.now);
  EXPECT_TRUE(scene.unread(bravo).empty());
}

// The process has begun anew, and what was in memory is gone.
TEST(Gap, IsToldOnceToWhoeverJoinsAfterALoss) {
  for (const bool explicit_ack : {false, true}) {
    Scene scene;
    scene.channel = Channel({}, 5000, 5000);
    JoinCommand command;
    command.callsign = "bravo";
    command.ack_explicit = explicit_ack;
    const auto plan = scene.try_join(std::move(command));
    const SessionNo bravo = *scene.channel.find_session(plan->session_id, scene.now);
    const Pending told = scene.pending(bravo);
    ASSERT_TRUE(told.gap);
    EXPECT_FALSE(told.gap->dropped);
    EXPECT_FALSE(told.gap->oldest_id);
    const ReaderNo lost = scene.offer_all(bravo);
    scene.channel.detach(lost);
    EXPECT_TRUE(scene.pending(bravo).gap) << "the answer did not arrive";
    scene.channel.confirm(scene.member(bravo), 17, scene.now);
    EXPECT_TRUE(scene.pending(bravo).gap) << "what it confirms is of an earlier life";
    scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
    EXPECT_FALSE(scene.pending(bravo).gap);
    const SessionNo alpha = scene.join("alpha");
    scene.send(alpha, "hello");
    EXPECT_FALSE(scene.pending(bravo).gap);
  }
}

TEST(Gap, OfALossIsToldAlsoWhenTheRingHasTurnedOver) {
  Scene scene;
  scene.channel = Channel({.ring_size = 10}, 5000, 5000);
  const SessionNo alpha = scene.join("alpha");
  for (int i = 0; i < 20; ++i) scene.send(alpha, "x");
  const Pending told = scene.pending(scene.join("bravo"));
  ASSERT_TRUE(told.gap);
  EXPECT_FALSE(told.gap->dropped);
  EXPECT_EQ(told.messages.size(), 10u);
}

TEST(Cursor, BelongsToTheCallsignAndOutlivesTheSession) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  SessionNo bravo = scene.join("bravo");
  scene.send(alpha, "one");
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  scene.channel.apply(*scene.channel.decide_leave(scene.channel.session(bravo).id, scene.now),
                      scene.now);
  scene.send(alpha, "two");
  bravo = scene.join("bravo");
  EXPECT_EQ(scene.unread(bravo), std::vector<std::string>{"two"});
}

TEST(Cursor, AFirstJoinBringsWhatTheRingHolds) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  scene.send(alpha, "before");
  EXPECT_EQ(scene.unread(scene.join("bravo")), std::vector<std::string>{"before"});
}

TEST(Cursor, IsConfirmedAtMostUpToWhatWasOffered) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MessageId first = scene.send(alpha, "one");
  scene.offer_all(bravo);
  scene.send(alpha, "two");
  scene.channel.confirm(scene.member(bravo), first + 1'000'000, scene.now);
  EXPECT_EQ(scene.unread(bravo), std::vector<std::string>{"two"});
}

TEST(Cursor, WithExplicitAckMovesOnConfirmationOnly) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  JoinCommand command;
  command.callsign = "bravo";
  command.ack_explicit = true;
  const auto plan = scene.try_join(command);
  const SessionNo bravo = *scene.channel.find_session(plan->session_id, scene.now);
  const MessageId id = scene.send(alpha, "one");
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  EXPECT_EQ(scene.unread(bravo).size(), 1u);
  scene.channel.confirm(scene.member(bravo), id, scene.now);
  EXPECT_TRUE(scene.unread(bravo).empty());
}

TEST(Doubt, IsWhatLiesBehindTheCursorOnAConnectionThatIsAlive) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MessageId id = scene.send(alpha, "one");
  EXPECT_FALSE(scene.channel.in_doubt(bravo));
  const ReaderNo reader = scene.offer_all(bravo);
  EXPECT_TRUE(scene.channel.in_doubt(bravo));
  EXPECT_FALSE(scene.channel.in_doubt(alpha)) << "that is another callsign's";
  scene.channel.reader(reader).cut = true;
  EXPECT_FALSE(scene.channel.in_doubt(bravo)) << "nothing comes of a connection that has gone";
  scene.channel.reader(reader).cut = false;
  scene.channel.confirm(scene.member(bravo), id, scene.now);
  EXPECT_FALSE(scene.channel.in_doubt(bravo)) << "the cursor is there already";
}

TEST(Doubt, EndsWhenTheAnswerHasArrivedOrItsConnectionHasEnded) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.send(alpha, "one");
  const ReaderNo lost = scene.offer_all(bravo);
  scene.channel.detach(lost);
  EXPECT_FALSE(scene.channel.in_doubt(bravo));
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  EXPECT_FALSE(scene.channel.in_doubt(bravo));
}

TEST(Doubt, IsNoneForWhoConfirmsExplicitly) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  JoinCommand command;
  command.callsign = "bravo";
  command.ack_explicit = true;
  const auto plan = scene.try_join(command);
  const SessionNo bravo = *scene.channel.find_session(plan->session_id, scene.now);
  scene.send(alpha, "one");
  scene.offer_all(bravo);
  EXPECT_FALSE(scene.channel.in_doubt(bravo));
}

TEST(Since, BringsEverythingAfterItThatIsStillHeld) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MessageId one = scene.send(alpha, "one");
  scene.send(alpha, "two");
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  EXPECT_EQ(Scene::texts(scene.channel.pending(scene.member(bravo), one, true)),
            std::vector<std::string>{"two"});
  EXPECT_EQ(Scene::texts(scene.channel.pending(scene.member(bravo), 0, true)).size(), 2u);
}

TEST(Gap, IsToldWithItsSize) {
  ChannelOptions options;
  options.ring_size = 10;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.send(alpha, "read");
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  for (int n = 0; n < 13; ++n) scene.send(alpha, fmt::format("{}", n));
  const Pending pending = scene.pending(bravo);
  ASSERT_TRUE(pending.gap);
  EXPECT_EQ(pending.gap->dropped, 3);
  EXPECT_EQ(pending.gap->oldest_id, pending.messages.front()->id);
  EXPECT_EQ(pending.messages.size(), 10u);
}

TEST(Gap, IsNoneForWhatWasDroppedBeforeTheFirstJoin) {
  ChannelOptions options;
  options.ring_size = 10;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  for (int n = 0; n < 20; ++n) scene.send(alpha, "x");
  EXPECT_FALSE(scene.pending(scene.join("bravo")).gap);
}

TEST(Gap, IsNoneForMessagesOfOthers) {
  ChannelOptions options;
  options.ring_size = 10;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  scene.join("bravo");
  const SessionNo charlie = scene.join("charlie");
  for (int n = 0; n < 20; ++n) scene.send(alpha, "psst", "bravo");
  EXPECT_FALSE(scene.pending(charlie).gap);
}

TEST(Gap, AfterARestartOfAMemoryChannelItsSizeIsNotKnown) {
  Scene scene;
  scene.channel = Channel({}, 5'000, 5'000);
  const SessionNo bravo = scene.join("bravo");
  const Pending pending = scene.channel.pending(scene.member(bravo), 4'000, true);
  ASSERT_TRUE(pending.gap);
  EXPECT_FALSE(pending.gap->dropped);
  EXPECT_FALSE(pending.gap->oldest_id);
}

TEST(Answers, AreBoundedAndSayThatThereIsMore) {
  ChannelOptions options;
  options.ring_size = 2'000;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  for (int n = 0; n < 1'500; ++n) scene.send(alpha, "x");
  const Pending pending = scene.pending(bravo);
  EXPECT_EQ(pending.messages.size(), kAnswerMessagesMax);
  EXPECT_TRUE(pending.more);
}

TEST(Ring, IsBoundedInBytes) {
  ChannelOptions options;
  options.ring_bytes = 10'000;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  for (int n = 0; n < 20; ++n) scene.send(alpha, std::string(1'000, 'x'));
  EXPECT_LE(scene.channel.ring().bytes(), 10'000u);
  EXPECT_GE(scene.channel.ring().size(), 8u);
}

TEST(Durable, NothingIsSeenBeforeItIsCommitted) {
  ChannelOptions options;
  options.durable = true;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MessageId id = scene.send(alpha, "one");
  EXPECT_TRUE(scene.unread(bravo).empty());
  EXPECT_TRUE(scene.channel.history(20, scene.member(bravo)).empty());
  EXPECT_EQ(scene.channel.find_message(id), nullptr);
  scene.channel.commit_through(id);
  EXPECT_EQ(scene.unread(bravo).size(), 1u);
}

TEST(Privacy, HistoryShowsDirectMessagesToTheirTwoEndsOnly) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const SessionNo charlie = scene.join("charlie");
  scene.send(alpha, "to all");
  scene.send(alpha, "psst", "bravo");
  EXPECT_EQ(scene.channel.history(20, scene.member(alpha)).size(), 2u);
  EXPECT_EQ(scene.channel.history(20, scene.member(bravo)).size(), 2u);
  EXPECT_EQ(scene.channel.history(20, scene.member(charlie)).size(), 1u);
  EXPECT_EQ(scene.channel.history(20, kNone).size(), 1u);
  EXPECT_EQ(scene.unread(charlie), std::vector<std::string>{"to all"});
}

TEST(Receipts, FollowADirectMessage) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MessageId id = scene.send(alpha, "please", "bravo");
  const auto state = [&] {
    const Receipts receipts = scene.channel.receipts(*scene.channel.find_message(id));
    EXPECT_EQ(receipts.recipients, 1u);
    return receipts.each.at(0).state;
  };
  EXPECT_EQ(state(), ReceiptState::queued);
  const ReaderNo reader = scene.offer_all(bravo);
  EXPECT_EQ(state(), ReceiptState::queued);
  scene.channel.settle(reader, true, false, scene.now);
  EXPECT_EQ(state(), ReceiptState::delivered);
  scene.channel.confirm(scene.member(bravo), id, scene.now);
  EXPECT_EQ(state(), ReceiptState::confirmed);
  SendCommand reply;
  reply.to = "alpha";
  reply.reply_to = id;
  ASSERT_TRUE(scene.try_send(bravo, "done", std::move(reply)));
  EXPECT_EQ(state(), ReceiptState::answered);
  EXPECT_EQ(scene.channel.receipts(*scene.channel.find_message(id)).each[0].at, scene.now.wall);
}

TEST(Receipts, OfABroadcastComeFromTheCursors) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.join("charlie");
  const MessageId id = scene.send(alpha, "all hands");
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  const Receipts receipts = scene.channel.receipts(*scene.channel.find_message(id));
  EXPECT_EQ(receipts.recipients, 2u);
  EXPECT_EQ(receipts.counts[static_cast<int>(ReceiptState::delivered)], 1u);
  EXPECT_EQ(receipts.counts[static_cast<int>(ReceiptState::queued)], 1u);
  for (const Receipt& receipt : receipts.each) EXPECT_EQ(receipt.at, 0);
}

TEST(Receipts, SayWhenAMessageWasDroppedUnread) {
  ChannelOptions options;
  options.ring_size = 10;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MessageId id = scene.send(alpha, "early", "bravo");
  for (int n = 0; n < 10; ++n) scene.send(alpha, "x");
  ASSERT_TRUE(scene.channel.find_dropped(id));
  EXPECT_EQ(scene.channel.receipt_of(scene.member(alpha), scene.member(bravo), id, true),
            ReceiptState::dropped);
}

TEST(Snapshot, GivesTheSameStateBack) {
  ChannelOptions options;
  options.durable = true;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  SendCommand remembered;
  remembered.client_id = "c-1";
  const MessageId id = scene.try_send(alpha, "one", std::move(remembered))->posted.message.id;
  scene.channel.commit_through(id);
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  const auto gone = scene.try_join([] {
    JoinCommand command;
    command.callsign = "charlie";
    return command;
  }());
  scene.channel.apply(*scene.channel.decide_leave(gone->session_id, scene.now), scene.now);

  Scene again(options);
  again.now = scene.now;
  again.channel.apply(scene.channel.snapshot(), again.now);
  EXPECT_EQ(again.channel.agent_count(), 2u);
  const SessionNo restored =
      *again.channel.find_session(scene.channel.session(bravo).id, again.now);
  EXPECT_EQ(again.channel.cursor(restored), scene.channel.cursor(bravo));
  EXPECT_EQ(again.channel.last_id(), scene.channel.last_id());
  EXPECT_EQ(code_of(again.channel.find_session(gone->session_id, again.now)),
            ErrorCode::session_expired);
  SendCommand resent;
  resent.client_id = "c-1";
  const auto duplicate =
      again.try_send(*again.channel.find_session(scene.channel.session(alpha).id, again.now), "one",
                     std::move(resent));
  EXPECT_EQ(duplicate->outcome, SendPlan::Outcome::duplicate);
  EXPECT_EQ(duplicate->duplicate_id, id);
}

}  // namespace
}  // namespace rogerthat::core
