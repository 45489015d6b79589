// Not known yet is not lost: a receive that comes while an earlier answer lies unacknowledged.
#include <algorithm>

#include "shard_scene.h"

namespace rogerthat::hub {
namespace {

// A poll or stream on a connection of its own, whose peer acknowledges when the test says so.
class Connection final : public Receiver {
 public:
  void begins(const ChannelEntry&, std::size_t backlog) override {
    begun = true;
    got.push_back("backlog " + std::to_string(backlog));
  }
  bool deliver(const Delivery& delivery) override {
    for (const core::Message* message : delivery.pending.messages) got.push_back(message->text);
    return true;
  }
  bool announce(const Presence& presence) override {
    got.push_back("+" + std::string(presence.callsign));
    return true;
  }
  void ping() override {}
  void end(EndReason reason) override { ended = reason; }
  bool acknowledged() const override { return acked; }
  bool connected() const override { return alive; }

  // What has come, without the first word.
  std::vector<std::string> texts() const {
    return got.empty() ? got : std::vector(got.begin() + 1, got.end());
  }

  ReaderHandle handle;
  std::vector<std::string> got;
  std::optional<EndReason> ended;
  bool begun = false;
  bool acked = false;
  bool alive = true;
};

using Texts = std::vector<std::string>;

// bravo has been given "one" on `first`, and its peer has not acknowledged it.
class Holds : public ShardScene {
 protected:
  Holds() : alpha(join("alpha")), bravo(join("bravo")) {}

  SendReply send(const std::string& text, core::Kind kind = core::Kind::message) {
    SendRequest request;
    request.command.session = alpha.session;
    request.command.text = text;
    request.command.kind = kind;
    SendReply sent;
    shard.send(*entry, std::move(request), [&](Result<SendReply> reply) { sent = *reply; });
    return sent;
  }
  static ReceiveRequest poll(Millis timeout = 30 * kSecond) {
    ReceiveRequest request;
    request.timeout = timeout;
    return request;
  }
  static ReceiveRequest stream() {
    ReceiveRequest request;
    request.kind = core::ReaderKind::stream;
    request.presence = true;
    return request;
  }
  void receive(Connection& connection, ReceiveRequest request = poll()) {
    request.session = bravo.session;
    connection.handle = shard.receive(*entry, request, connection);
  }
  void one_is_on_its_way() {
    last = send("one").id;
    receive(first);
    ASSERT_EQ(first.texts(), Texts{"one"});
  }
  void pass(Millis time) {
    for (; time > 0; --time) {
      ++now.wall;
      ++now.steady;
      shard.set_now(now);
      due = shard.run_timers(now);
    }
  }
  Texts unread() {
    const core::Channel& channel = entry->channel;
    const core::Pending pending = channel.pending(channel.session(bravo.session).member,
                                                  channel.cursor(bravo.session), false);
    Texts texts;
    for (const core::Message* message : pending.messages) texts.push_back(message->text);
    return texts;
  }

  JoinReply alpha, bravo;
  Connection first, second, third;
  core::MessageId last = 0;
  Millis due = 0;
};

TEST_F(Holds, ThePollOnAnotherConnectionWaitsAndGoesOnBehindWhatHasArrived) {
  one_is_on_its_way();
  receive(second);
  send("two");
  pass(40);
  EXPECT_FALSE(second.begun);
  first.acked = true;
  pass(1);
  EXPECT_EQ(second.texts(), Texts{"two"});
}

TEST_F(Holds, AnAcknowledgementThatHasComeNeedsNoWait) {
  one_is_on_its_way();
  first.acked = true;
  receive(second);
  EXPECT_TRUE(second.begun);
  EXPECT_TRUE(second.texts().empty());
  send("two");
  EXPECT_EQ(second.texts(), Texts{"two"});
}

TEST_F(Holds, AfterTheWaitItIsParkedAndGetsWhatComes) {
  one_is_on_its_way();
  receive(second);
  first.acked = true;
  pass(1);
  EXPECT_TRUE(second.begun);
  EXPECT_TRUE(second.texts().empty());
  send("two");
  EXPECT_EQ(second.texts(), Texts{"two"});
}

TEST_F(Holds, WhoHasHadToWaitIsKnownToPoolConnections) {
  one_is_on_its_way();
  EXPECT_FALSE(entry->channel.pools(bravo.session));
  receive(second);
  EXPECT_TRUE(entry->channel.pools(bravo.session));
  EXPECT_FALSE(entry->channel.pools(alpha.session));
}

TEST_F(Holds, ANextRequestOnTheOtherConnectionEndsTheWaitAtOnce) {
  one_is_on_its_way();
  receive(second);
  send("two");
  shard.reader_next_request(first.handle);
  EXPECT_EQ(second.texts(), Texts{"two"});
}

TEST_F(Holds, WhereTheOtherConnectionDiesItsMessagesComeAgainAtOnce) {
  one_is_on_its_way();
  receive(second);
  send("two");
  shard.reader_closed(first.handle, false);
  EXPECT_EQ(second.texts(), (Texts{"one", "two"}));
}

TEST_F(Holds, WhereItEndsAcknowledgedTheyDoNot) {
  one_is_on_its_way();
  receive(second);
  send("two");
  shard.reader_closed(first.handle, true);
  EXPECT_EQ(second.texts(), Texts{"two"});
}

TEST_F(Holds, WhereNothingIsHeardTheyComeAgainAfterAWhile) {
  one_is_on_its_way();
  receive(second);
  pass(core::kDoubtMax - 1);
  EXPECT_FALSE(second.begun);
  pass(1);
  EXPECT_EQ(second.texts(), Texts{"one"});
}

TEST_F(Holds, APollThatAsksForAnAnswerAtOnceWaitsToo) {
  one_is_on_its_way();
  receive(second, poll(0));
  EXPECT_FALSE(second.ended);
  first.acked = true;
  pass(1);
  EXPECT_TRUE(second.texts().empty());
  EXPECT_EQ(second.ended, EndReason::timed_out);
}

TEST_F(Holds, ItsTimeGoesOnWhileItWaits) {
  one_is_on_its_way();
  receive(second, poll(100));
  pass(150);
  EXPECT_FALSE(second.ended);
  first.acked = true;
  pass(1);
  EXPECT_EQ(second.ended, EndReason::timed_out);
  receive(third, poll(100));
  pass(150);
  EXPECT_EQ(third.ended, EndReason::timed_out);
}

TEST_F(Holds, WhoNamesItsPositionOrConfirmsDoesNotWait) {
  one_is_on_its_way();
  ReceiveRequest request = poll();
  request.since = last;
  receive(second, request);
  EXPECT_TRUE(second.begun);
  const core::MessageId two = send("two").id;
  EXPECT_EQ(second.texts(), Texts{"two"});
  request = poll();
  request.ack = two;
  receive(third, request);
  EXPECT_TRUE(third.begun);
  EXPECT_TRUE(third.texts().empty());
}

TEST_F(Holds, AConfirmationByAnotherCallEndsTheWait) {
  one_is_on_its_way();
  receive(second);
  shard.confirm(*entry, entry->channel.session(bravo.session).member, last);
  EXPECT_TRUE(second.begun);
  EXPECT_TRUE(second.texts().empty());
}

TEST_F(Holds, WhoConfirmsExplicitlyGetsWhatIsUnconfirmedAtOnce) {
  core::JoinCommand command;
  command.ack_explicit = true;
  bravo = join("careful", command);
  one_is_on_its_way();
  receive(second);
  EXPECT_EQ(second.texts(), Texts{"one"});
}

TEST_F(Holds, AStreamSaysHelloWhenItIsKnownWhereItBegins) {
  one_is_on_its_way();
  receive(second, stream());
  join("charlie");
  send("two");
  EXPECT_TRUE(second.got.empty());
  first.acked = true;
  pass(1);
  EXPECT_EQ(second.got, (Texts{"backlog 1", "two"}));
  send("three");
  EXPECT_EQ(second.texts(), (Texts{"two", "three"}));
}

TEST_F(Holds, AStreamAndAPollThatWaitBothBeginWithTheSame) {
  one_is_on_its_way();
  receive(second, stream());
  receive(third);
  send("two");
  first.acked = true;
  pass(1);
  EXPECT_EQ(second.texts(), Texts{"two"});
  EXPECT_EQ(third.texts(), Texts{"two"});
}

TEST_F(Holds, ANewerPollEndsOneThatWaits) {
  one_is_on_its_way();
  receive(second);
  receive(third);
  EXPECT_EQ(second.ended, EndReason::superseded);
  EXPECT_FALSE(second.begun);
  first.acked = true;
  pass(1);
  EXPECT_TRUE(third.begun);
  EXPECT_FALSE(second.begun);
}

TEST_F(Holds, AStatusReachesAPollThatWaitsInItsTurn) {
  one_is_on_its_way();
  receive(second);
  send("two");
  EXPECT_EQ(send("typing", core::Kind::status).reached, 1u);
  send("three");
  first.acked = true;
  pass(1);
  EXPECT_EQ(second.texts(), (Texts{"two", "typing", "three"}));
}

// Its reader has shown that it read the status, and not what an earlier answer brought.
TEST_F(Holds, AStatusAloneConfirmsNothing) {
  one_is_on_its_way();
  receive(second);
  send("typing", core::Kind::status);
  first.acked = true;
  pass(1);
  ASSERT_EQ(second.texts(), Texts{"typing"});
  shard.reader_next_request(second.handle);
  const core::Member& member = entry->channel.member(entry->channel.session(bravo.session).member);
  EXPECT_EQ(member.handed, last);
  EXPECT_LT(member.confirmed, last);
}

TEST_F(Holds, AStatusReachesNoStreamThatHasNotBegun) {
  one_is_on_its_way();
  receive(second, stream());
  EXPECT_EQ(send("typing", core::Kind::status).reached, 0u);
}

TEST_F(Holds, TheEndOfTheSessionEndsAReceiveThatWaits) {
  one_is_on_its_way();
  receive(second);
  shard.leave(*entry, bravo.session_id, [](const Result<bool>& left) { EXPECT_TRUE(*left); });
  EXPECT_EQ(second.ended, EndReason::session_ended);
  pass(core::kDoubtMax);
  EXPECT_FALSE(second.begun);
}

TEST_F(Holds, TheOperatorsWordEndsAReceiveThatWaits) {
  one_is_on_its_way();
  receive(second);
  shard.end_sessions(
      *entry, [](const core::Party& party) { return party.callsign == "bravo"; }, EndReason::kicked,
      "");
  EXPECT_EQ(second.ended, EndReason::kicked);
  pass(core::kDoubtMax);
  EXPECT_FALSE(second.begun);
}

TEST_F(Holds, TheEndOfTheChannelEndsAReceiveThatWaits) {
  one_is_on_its_way();
  receive(second);
  shard.remove(*entry);
  EXPECT_EQ(second.ended, EndReason::channel_closed);
  pass(core::kDoubtMax);
}

TEST_F(Holds, ADrainingHubAnswersAReceiveThatWaitsAndOneThatWould) {
  one_is_on_its_way();
  receive(second);
  shard.drain();
  EXPECT_EQ(second.ended, EndReason::draining);
  receive(third);
  EXPECT_EQ(third.ended, EndReason::draining);
  EXPECT_TRUE(third.texts().empty());
}

TEST_F(Holds, AReceiveWhoseOwnConnectionEndsLosesNothing) {
  one_is_on_its_way();
  receive(second);
  send("two");
  shard.reader_closed(second.handle, false);
  first.acked = true;
  pass(1);
  EXPECT_FALSE(second.begun);
  receive(third);
  EXPECT_EQ(third.texts(), Texts{"two"});
}

TEST_F(Holds, NobodyWaitsForAConnectionThatHasGone) {
  one_is_on_its_way();
  first.alive = false;  // a call of MCP, whose client may come back for the answer
  receive(second);
  EXPECT_EQ(second.texts(), Texts{"one"});
}

TEST_F(Holds, AConnectionThatGoesEndsTheWaitForIt) {
  one_is_on_its_way();
  receive(second);
  first.alive = false;
  pass(1);
  EXPECT_EQ(second.texts(), Texts{"one"});
}

TEST_F(Holds, WhatWasHandedOverDuringTheWaitStaysHandedOver) {
  one_is_on_its_way();
  receive(second);
  send("two");
  first.acked = true;
  pass(1);
  EXPECT_EQ(unread(), Texts{"two"});
  second.acked = true;
  receive(third, poll(0));
  EXPECT_TRUE(unread().empty());
  EXPECT_EQ(third.ended, EndReason::timed_out);
}

TEST_F(Holds, TheShardIsWokenEveryMillisecondOnlyWhileSomebodyWaits) {
  one_is_on_its_way();
  pass(1);
  EXPECT_GT(due, now.steady + 1);
  receive(second);
  pass(1);
  EXPECT_EQ(due, now.steady + 1);
  first.acked = true;
  pass(2);
  EXPECT_GT(due, now.steady + 1);
}

TEST_F(Holds, ManyThatWaitTakeTurns) {
  constexpr std::size_t kMany = 1'000;
  std::vector<Connection> answered(kMany), waiting(kMany);
  std::vector<JoinReply> joined;
  for (std::size_t i = 0; i < kMany; ++i) joined.push_back(join("agent-" + std::to_string(i)));
  send("one");
  for (std::size_t i = 0; i < kMany; ++i) {
    bravo = joined[i];
    receive(answered[i]);
    receive(waiting[i]);
    answered[i].acked = true;
  }
  const auto begun = [&] {
    return static_cast<std::size_t>(std::ranges::count_if(waiting, &Connection::begun));
  };
  pass(1);
  EXPECT_GT(begun(), 0u);
  EXPECT_LT(begun(), kMany);
  pass(5);
  EXPECT_EQ(begun(), kMany);
}

}  // namespace
}  // namespace rogerthat::hub
