// Observing a channel: who is told of what, and that no cursor moves by it.
#include <gtest/gtest.h>

#include "shard_scene.h"

namespace rogerthat::hub {
namespace {

class Told final : public Observer {
 public:
  void changed() override { ++times; }
  int times = 0;
};

class ObserverTest : public ShardScene {
 protected:
  void send(const JoinReply& from, std::string_view to, core::Kind kind = core::Kind::message) {
    SendRequest request;
    request.command.session = from.session;
    request.command.to = to;
    request.command.text = "hello";
    request.command.kind = kind;
    shard.send(*entry, std::move(request), [](Result<SendReply> reply) { ASSERT_TRUE(reply); });
  }
};

TEST_F(ObserverTest, AnInboxIsToldOfWhatItsCallsignReceives) {
  const JoinReply alpha = join("alpha");
  const JoinReply bravo = join("bravo");
  const JoinReply carol = join("carol");
  Told told;
  shard.observe(*entry, alpha.session, Observed::inbox, told);
  EXPECT_EQ(told.times, 0);
  send(bravo, "alpha");
  EXPECT_EQ(told.times, 1);
  send(bravo, "carol");
  send(alpha, "bravo");
  send(bravo, "alpha", core::Kind::status);
  EXPECT_EQ(told.times, 1);
  send(carol, "all");
  EXPECT_EQ(told.times, 2);
  EXPECT_EQ(entry->channel.unread(alpha.session), 2u);
}

TEST_F(ObserverTest, AnInboxWhereSomethingWaitsIsToldAtOnce) {
  const JoinReply alpha = join("alpha");
  send(join("bravo"), "alpha");
  Told told;
  shard.observe(*entry, alpha.session, Observed::inbox, told);
  EXPECT_EQ(told.times, 1);
}

TEST_F(ObserverTest, AHistoryIsToldOfWhatItsViewerMaySee) {
  const JoinReply alpha = join("alpha");
  const JoinReply bravo = join("bravo");
  Told anybody;
  Told own;
  shard.observe(*entry, core::kNone, Observed::history, anybody);
  shard.observe(*entry, alpha.session, Observed::history, own);
  send(alpha, "bravo");
  EXPECT_EQ(anybody.times, 0);
  EXPECT_EQ(own.times, 1);
  send(bravo, "all");
  EXPECT_EQ(anybody.times, 1);
  EXPECT_EQ(own.times, 2);
}

TEST_F(ObserverTest, ARosterIsToldOfWhoComesAndGoes) {
  Told told;
  shard.observe(*entry, core::kNone, Observed::roster, told);
  const JoinReply alpha = join("alpha");
  EXPECT_EQ(told.times, 1);
  send(alpha, "all");
  EXPECT_EQ(told.times, 1);
  shard.leave(*entry, alpha.session_id, [](Result<bool> left) { EXPECT_TRUE(*left); });
  EXPECT_EQ(told.times, 2);
}

TEST_F(ObserverTest, EndsWhenItIsStopped) {
  const JoinReply alpha = join("alpha");
  const JoinReply bravo = join("bravo");
  Told told;
  Told other;
  shard.observe(*entry, alpha.session, Observed::inbox, told);
  shard.observe(*entry, alpha.session, Observed::inbox, other);
  shard.stop_observing(entry->handle, told);
  send(bravo, "alpha");
  EXPECT_EQ(told.times, 0);
  EXPECT_EQ(other.times, 1);
  shard.stop_observing(ChannelHandle{7, 7}, other);  // a channel that is gone: nothing to do
}

TEST_F(ObserverTest, AJoinMayBringItsOwnSessionId) {
  core::JoinCommand command;
  command.new_session_id = "minted-elsewhere";
  EXPECT_EQ(join("alpha", std::move(command)).session_id, "minted-elsewhere");
  EXPECT_FALSE(join("bravo").session_id.empty());
}

}  // namespace
}  // namespace rogerthat::hub
