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
                         const std::string& client_id = {}) {
    SendCommand command;
    command.from = scene.channel.sender(from);
    command.to = "alpha";
    command.text = text;
    command.client_id = client_id;
    auto plan = scene.channel.decide_send(std::move(command), scene.now);
    if (!plan) return std::unexpected(plan.error());
    if (plan->outcome == SendPlan::Outcome::duplicate) return plan->duplicate_id;
    const MessageId id = plan->posted.message.id;
    scene.channel.post(std::move(plan->posted), scene.now);
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

TEST_F(Inbox, ForgetsWhatWasReadLongAgoAndNothingElse) {
  ASSERT_TRUE(send("bravo", "read"));
  read_all();
  ASSERT_TRUE(send("bravo", "unread"));
  scene.pass(kInboxReadLife + 1);
  scene.channel.forget_read(scene.now.wall - kInboxReadLife);
  EXPECT_EQ(scene.channel.ring().size(), 1u);
  EXPECT_EQ(scene.unread(owner), std::vector<std::string>{"unread"});
}

}  // namespace
}  // namespace rogerthat::core
