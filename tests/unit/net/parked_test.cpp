// Answers that wait, and what becomes of them: the hand-over that "nothing is lost to a dead
// connection" rests on.
#include <array>
#include <cstring>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

// /park waits for the test; everything else is answered at once.
class ParkedAnswer : public testing::Test {
 protected:
  void SetUp() override {
    live.handler.on_request = [this](const Request& request, Exchange exchange) {
      if (request.path != "/park") return exchange.reply(text_response("now"));
      auto parked = std::make_unique<Recorder>(told);
      if (answer_half_closed) {
        parked->on_half_closed = [this] { waiting.reply(text_response("half")); };
      }
      exchange.park(std::move(parked));
      waiting = std::move(exchange);
      arrived.raise();
    };
    live.start();
  }
  void TearDown() override {
    live.on_loop([this] { waiting = Exchange(); });
  }
  void reply(std::string body) {
    live.on_loop([&] { waiting.reply(text_response(std::move(body))); });
  }

  Signal told, arrived;
  Exchange waiting;
  bool answer_half_closed = false;
  LiveServer live;
};

TEST_F(ParkedAnswer, IsHandedOverWhenTheNextRequestComes) {
  Client client(live);
  client.get("/park");
  arrived.await();
  reply("later");
  EXPECT_EQ(client.answer().body, "later");
  EXPECT_FALSE(told.raised());
  client.get("/");
  EXPECT_EQ(client.answer().body, "now");
  EXPECT_EQ(told.await(), "next request");
  client.close();
  live.on_loop([this] { EXPECT_TRUE(waiting.parked() == nullptr); });
  EXPECT_FALSE(told.raised());
}

// How many segments with data in them have come: tcpi_data_segs_in of the kernel's tcp_info, which
// the C library's does not have.
std::uint32_t pieces_received(int fd) {
  constexpr std::size_t kPlace = 152;
  std::array<char, 256> info{};
  auto size = static_cast<socklen_t>(info.size());
  EXPECT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info.data(), &size), 0);
  EXPECT_GE(size, kPlace + sizeof(std::uint32_t));
  std::uint32_t pieces = 0;
  std::memcpy(&pieces, info.data() + kPlace, sizeof pieces);
  return pieces;
}

TEST_F(ParkedAnswer, LeavesInTwoPiecesWhereItIsToBeAcknowledgedSoon) {
  Client client(live);
  client.get("/park");
  arrived.await();
  reply("later");
  EXPECT_EQ(client.answer().body, "later");
  EXPECT_EQ(pieces_received(client.fd()), 1u);
  client.get("/park");
  arrived.await();
  live.on_loop([&] { waiting.expedite(); });
  reply("soon");
  EXPECT_EQ(client.answer().body, "soon");
  EXPECT_EQ(pieces_received(client.fd()), 3u);
  client.get("/");
  EXPECT_EQ(client.answer().body, "now");
  EXPECT_EQ(pieces_received(client.fd()), 4u) << "that was for one answer";
}

TEST_F(ParkedAnswer, IsHandedOverWhenTheClientHasReadItAndCloses) {
  Client client(live);
  client.get("/park");
  arrived.await();
  reply("later");
  EXPECT_EQ(client.answer().body, "later");
  client.close();
  EXPECT_EQ(told.await(), "closed, acknowledged");
  live.on_loop([this] { EXPECT_TRUE(waiting.acknowledged()); });
}

TEST_F(ParkedAnswer, IsHandedOverWithConnectionClose) {
  Client client(live);
  client.send("GET /park HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  arrived.await();
  reply("later");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.body, "later");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.at_end());
  client.close();
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(ParkedAnswer, IsNotHandedOverToAClientThatResetsWithoutReading) {
  Client client(live.port(), "127.0.0.1", 4096);
  client.get("/park");
  arrived.await();
  reply(std::string(8 << 20, 'x'));
  live.on_loop([this] { EXPECT_FALSE(waiting.acknowledged()); });
  client.reset();
  EXPECT_EQ(told.await(), "closed, not acknowledged");
  live.on_loop([this] { EXPECT_FALSE(waiting.acknowledged()); });
}

TEST_F(ParkedAnswer, ThatNobodyWaitsForAnyMoreIsTold) {
  Client client(live);
  client.get("/park");
  arrived.await();
  client.reset();
  EXPECT_EQ(told.await(), "closed, acknowledged");  // nothing had been written
  live.on_loop([this] {
    EXPECT_FALSE(waiting.open());
    waiting.reply(text_response("into the void"));
  });
}

TEST_F(ParkedAnswer, IsAcknowledgedOnceTheClientsTcpHasIt) {
  Client client(live);
  client.get("/park");
  arrived.await();
  reply("later");
  EXPECT_EQ(client.answer().body, "later");
  // The kernel may delay an acknowledgement for a few milliseconds.
  bool acknowledged = false;
  for (int i = 0; i < 1000 && !acknowledged; ++i) {
    live.on_loop([&] { acknowledged = waiting.acknowledged(); });
    if (!acknowledged) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_TRUE(acknowledged);
}

TEST_F(ParkedAnswer, IsNotProvedByARequestThatWasSentBeforeIt) {
  Client client(live);
  client.send("GET /park HTTP/1.1\r\nHost: a\r\n\r\nGET /behind HTTP/1.1\r\nHost: a\r\n\r\n");
  arrived.await();
  EXPECT_FALSE(told.raised());
  reply("later");
  // The second request is handled once TCP has acknowledged the first answer, and only then.
  EXPECT_EQ(client.answer().body, "later");
  EXPECT_EQ(client.answer().body, "now");
  EXPECT_EQ(told.await(), "next request");
}

TEST_F(ParkedAnswer, OvertakenAndNeverReadIsNotHandedOver) {
  Client client(live.port(), "127.0.0.1", 4096);
  client.send("GET /park HTTP/1.1\r\nHost: a\r\n\r\nGET /behind HTTP/1.1\r\nHost: a\r\n\r\n");
  arrived.await();
  reply(std::string(8 << 20, 'x'));
  client.reset();
  EXPECT_EQ(told.await(), "closed, not acknowledged");
}

TEST_F(ParkedAnswer, HearsThatThePeerHasFinishedSending) {
  answer_half_closed = true;
  Client client(live);
  client.get("/park");
  arrived.await();
  client.finish_sending();
  EXPECT_EQ(told.await(), "half closed");
  EXPECT_EQ(client.answer().body, "half");
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(ParkedAnswer, HearsThatThePeerHadFinishedWithTheRequestItself) {
  answer_half_closed = true;
  Client client(live);
  client.get("/park");
  client.finish_sending();
  EXPECT_EQ(told.await(), "half closed");
  EXPECT_EQ(client.answer().body, "half");
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(ParkedAnswer, MayComeLongAfterAHalfClose) {
  Client client(live);
  client.get("/park");
  arrived.await();
  client.finish_sending();
  EXPECT_EQ(told.await(), "half closed");
  reply("still");
  EXPECT_EQ(client.answer().body, "still");
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(ParkedAnswer, HearsOfAResetAfterAHalfClose) {
  Client client(live);
  client.get("/park");
  arrived.await();
  client.finish_sending();
  EXPECT_EQ(told.await(), "half closed");
  client.reset();
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(ParkedAnswer, CanBeAborted) {
  Client client(live);
  client.get("/park");
  arrived.await();
  live.on_loop([this] {
    waiting.abort();
    EXPECT_FALSE(waiting.open());
    EXPECT_FALSE(told.raised()) << "closed() must not come from within abort()";
  });
  EXPECT_EQ(told.await(), "closed, acknowledged");
  EXPECT_TRUE(client.at_end());
}

TEST_F(ParkedAnswer, DroppedByABugIsA500) {
  Client client(live);
  client.get("/park");
  arrived.await();
  live.on_loop([this] { waiting = Exchange(); });
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "500 The request was dropped unanswered.");
}

TEST_F(ParkedAnswer, OfAnEarlierRequestCannotAnswerALaterOne) {
  Client client(live);
  client.get("/park");
  arrived.await();
  Exchange earlier;
  live.on_loop([&] {
    waiting.reply(text_response("first"));
    earlier = std::move(waiting);
  });
  EXPECT_EQ(client.answer().body, "first");
  client.get("/park");
  arrived.await();
  live.on_loop([&] {
    EXPECT_FALSE(earlier.open());
    earlier.reply(text_response("wrong"));
    earlier.abort();
    earlier = Exchange();
    waiting.reply(text_response("second"));
  });
  EXPECT_EQ(client.answer().body, "second");
}

TEST_F(ParkedAnswer, MayBeSharedWithOthers) {
  Client client(live), head(live), old(live);
  const auto whole = std::make_shared<const std::string>(
      encode_response(text_response(R"({"messages":[]})"), false));
  client.get("/park");
  arrived.await();
  live.on_loop([&] { waiting.reply_shared(whole); });
  const Answer answer = client.answer();
  EXPECT_EQ(answer.body, R"({"messages":[]})");
  EXPECT_EQ(answer.header("Date").size(), 29U);
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("Connection"), "");

  head.send("HEAD /park HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  arrived.await();
  live.on_loop([&] { waiting.reply_shared(whole); });
  EXPECT_EQ(head.answer(true).header("Content-Length"), "15");
  EXPECT_EQ(head.answer().body, "now");

  old.send("GET /park HTTP/1.0\r\n\r\n");
  arrived.await();
  live.on_loop([&] { waiting.reply_shared(whole); });
  EXPECT_EQ(old.answer().header("Connection"), "close");
  EXPECT_TRUE(old.at_end());
}

TEST_F(ParkedAnswer, LargeAndSharedIsKeptByReference) {
  auto whole = std::make_shared<const std::string>(
      encode_response(text_response(std::string(8 << 20, 'y')), false));
  Client client(live.port(), "127.0.0.1", 4096);
  client.get("/park");
  arrived.await();
  live.on_loop([&] {
    waiting.reply_shared(whole);
    EXPECT_EQ(whole.use_count(), 2) << "the socket cannot have taken all of it";
  });
  EXPECT_EQ(client.answer().body, std::string(8 << 20, 'y'));
  client.get("/");
  EXPECT_EQ(client.answer().body, "now");
  live.on_loop([&] { EXPECT_EQ(whole.use_count(), 1); });
}

TEST(ParkedOnAGoneConnection, HearsItAtOnce) {
  Signal told;
  Exchange none;
  none.park(std::make_unique<Recorder>(told));
  EXPECT_EQ(told.await(), "closed, not acknowledged");
}

}  // namespace
}  // namespace rogerthat::net
