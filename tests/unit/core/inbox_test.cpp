// An inbox: messages to one handle, from senders that have no session there.
#include "scene.h"

namespace rogerthat::core {
namespace {

class Inbox : public testing::Test {
 protected:
  Inbox() : scene(options()) {
    JoinCommand command;
    command.callsign = "alpha";
    command.identity_account = "acc-1";
    const auto plan = scene.try_join(command);
    owner = *scene.channel.find_session(plan->session_id, scene.now);
  }
  static ChannelOptions options() {
    ChannelOptions made;
    made.inbox = true;
    made.loop_guard = LoopGuardMode::off;
    made.ring_size = 10;
    return made;
  }
  Result<MessageId> send(const std::string& from, const std::string& text,
                         const std::string& client_id = {}, bool dropped = false) {
    SendCommand command;
    scene.channel.addressee("alpha");
    command.from = scene.channel.sender(from, scene.now);
    command.to = "alpha";
    command.text = text;
    command.client_id = client_id;
    command.dropped = dropped;
    auto plan = scene.channel.decide_send(std::move(command), scene.now);
    if (!plan) return std::unexpected(plan.error());
    if (plan->outcome == SendPlan::Outcome::duplicate) return plan->duplicate_id;
    const MessageId id = plan->posted.message.id;
    if (plan->outcome == SendPlan::Outcome::dropped) {
      scene.channel.drop(std::move(plan->posted));
    } else {
      scene.channel.post(std::move(plan->posted), scene.now);
    }
    return id;
  }
  void read_all() {
    const ReaderNo reader = scene.offer_all(owner);
    scene.channel.settle(reader, true, false, scene.now);
    scene.channel.detach(reader);
  }

  Scene scene;
  SessionNo owner = kNone;
};

TEST_F(Inbox, TakesVerifiedMessagesFromWhoHasNoSessionThere) {
  ASSERT_TRUE(send("bravo", "hello"));
  EXPECT_EQ(scene.unread(owner), std::vector<std::string>{"hello"});
  const Message& message = *scene.pending(owner).messages.front();
  EXPECT_TRUE(message.verified);
  EXPECT_EQ(scene.channel.callsign_of(message.from), "bravo");
  EXPECT_EQ(scene.channel.agent_count(), 1u) << "a sender is not on the roster";
}

TEST_F(Inbox, RemembersClientIdsPerSender) {
  const auto first = send("bravo", "hello", "c1");
  EXPECT_EQ(*send("bravo", "hello", "c1"), *first);
  EXPECT_NE(*send("charlie", "hello", "c1"), *first);
}

TEST_F(Inbox, FullOfUnreadRefusesAndLosesNothing) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send("bravo", std::to_string(i)));
  EXPECT_EQ(code_of(send("bravo", "one more")), ErrorCode::rate_limited);
  EXPECT_EQ(scene.unread(owner).size(), 10u);
  read_all();
  EXPECT_TRUE(send("bravo", "one more")) << "the oldest read one goes";
  EXPECT_EQ(scene.unread(owner), std::vector<std::string>{"one more"});
}

TEST_F(Inbox, WhatABlockedSenderSendsIsCheckedAndRememberedButNotKept) {
  const auto first = send("bravo", "hello", "c1", true);
  ASSERT_TRUE(first);
  EXPECT_EQ(scene.channel.ring().size(), 0u);
  EXPECT_EQ(*send("bravo", "hello", "c1", true), *first);
  EXPECT_GT(*send("charlie", "hello"), *first) << "ids rise through both";
  EXPECT_EQ(code_of(send("bravo", "", {}, true)), ErrorCode::invalid);
  while (scene.channel.ring().size() < 10) ASSERT_TRUE(send("charlie", "more"));
  EXPECT_EQ(code_of(send("bravo", "hello", {}, true)), ErrorCode::rate_limited)
      << "full is full, also for who is not let in";
}

TEST_F(Inbox, IsAsFullForABlockedSenderAsWhatItSendsWouldMakeIt) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send("bravo", std::to_string(i), {}, true));
  EXPECT_EQ(code_of(send("bravo", "one more", {}, true)), ErrorCode::rate_limited);
  EXPECT_TRUE(send("charlie", "hello")) << "others find it empty";
  read_all();
  EXPECT_TRUE(send("bravo", "one more", {}, true)) << "its owner would have read them";
  EXPECT_EQ(scene.channel.ring().size(), 1u);
}

TEST_F(Inbox, APollIsUsedUpByWhatABlockedSenderSendsForThatSenderOnly) {
  Channel& inbox = scene.channel;
  const MemberNo alpha = inbox.find_member("alpha");
  const auto taken = [&](std::string_view from) {
    const auto id = send(std::string(from), "hello", {}, true);
    return inbox.take_swallowed(inbox.find_member(from), alpha, *id);
  };
  EXPECT_FALSE(taken("bravo")) << "nobody waits";
  const ReaderNo poll =
      inbox.attach(owner, ReaderKind::poll, inbox.last_id(), scene.now.steady + kHour);
  EXPECT_TRUE(taken("bravo"));
  EXPECT_FALSE(taken("bravo"));
  EXPECT_TRUE(taken("charlie"));
  EXPECT_FALSE(taken("charlie"));
  inbox.detach(poll);
  inbox.attach(owner, ReaderKind::poll, inbox.last_id(), scene.now.steady + kHour);
  EXPECT_TRUE(taken("bravo")) << "a further poll";
  inbox.attach(owner, ReaderKind::stream, inbox.last_id(), scene.now.steady + kHour);
  EXPECT_TRUE(taken("bravo") && taken("bravo")) << "a stream goes on";
}

TEST_F(Inbox, RemembersBoundedlyManySendersAndAlwaysItsOwner) {
  Channel& inbox = scene.channel;
  inbox.apply(Left{inbox.session(owner).id, false, scene.now.wall}, scene.now);
  const MessageId handed = inbox.member(inbox.find_member("alpha")).handed;
  for (std::size_t i = 0; i < 2 * kInboxCallsignsMax; ++i) {
    scene.pass(1);
    ASSERT_TRUE(send(fmt::format("sender-{}", i), "hello", "c1", true));
  }
  EXPECT_EQ(inbox.member_count(), kInboxCallsignsMax);
  ASSERT_NE(inbox.find_member("alpha"), kNone);
  EXPECT_EQ(inbox.member(inbox.find_member("alpha")).handed, handed);
  EXPECT_EQ(inbox.find_member("sender-0"), kNone) << "the one who sent longest ago goes first";
}

TEST_F(Inbox, ForgetsWhatWasReadLongAgoAndNothingElse) {
  ASSERT_TRUE(send("bravo", "read"));
  scene.pass(kInboxReadLife);
  read_all();
  ASSERT_TRUE(send("bravo", "unread"));
  scene.pass(kInboxReadLife - kDay);
  scene.channel.forget_read(scene.now.wall - kInboxReadLife);
  EXPECT_EQ(scene.channel.ring().size(), 2u) << "its time begins when it is read";
  scene.pass(2 * kDay);
  scene.channel.forget_read(scene.now.wall - kInboxReadLife);
  EXPECT_EQ(scene.channel.ring().size(), 1u);
  EXPECT_EQ(scene.unread(owner), std::vector<std::string>{"unread"});
}

TEST_F(Inbox, ASnapshotKnowsWhenWhatWasRead) {
  ASSERT_TRUE(send("bravo", "first"));
  read_all();
  scene.pass(10 * kDay);
  ASSERT_TRUE(send("bravo", "second"));
  read_all();
  Snapshot snapshot = scene.channel.snapshot();
  ASSERT_EQ(snapshot.read_marks.size(), 2u);

  scene.channel.apply(std::move(snapshot), scene.now);
  scene.pass(kInboxReadLife - 9 * kDay);
  scene.channel.forget_read(scene.now.wall - kInboxReadLife);
  ASSERT_EQ(scene.channel.ring().size(), 1u);
  EXPECT_EQ(scene.channel.ring().at(0).text, "second");
}

}  // namespace
}  // namespace rogerthat::core
