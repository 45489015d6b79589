// Server-sent events: framing, slow readers, ends.
#include <gtest/gtest.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

SharedBytes shared(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

TEST(SseEvent, IsFramedAsOldClientsParseIt) {
  EXPECT_EQ(sse_event("message", "{}", "12"), "20\r\nevent: message\ndata: {}\nid: 12\n\n\r\n");
  EXPECT_EQ(sse_event("bye", "{}"), "15\r\nevent: bye\ndata: {}\n\n\r\n");
  EXPECT_EQ(http_chunk(": ping\n\n"), "8\r\n: ping\n\n\r\n");
}

class Stream : public testing::Test {
 protected:
  void begin(ServerOptions options = {}) {
    live = std::make_unique<LiveServer>(options);
    live->handler.on_request = [this](const Request&, Exchange exchange) {
      exchange.open_stream("X-Extra: 1\r\n", at_end);
      exchange.write(shared(sse_event("hello", "{}")));
      exchange.park(std::make_unique<Recorder>(told));
      stream = std::move(exchange);
      arrived.raise();
    };
    live->start();
  }
  void TearDown() override {
    live->on_loop([this] { stream = Exchange(); });
  }

  AtEnd at_end = AtEnd::close;
  Signal told, arrived;
  Exchange stream;
  std::unique_ptr<LiveServer> live;
};

TEST_F(Stream, CarriesEventsInChunksUntilItIsFinished) {
  begin();
  Client client(*live);
  client.get("/stream");
  arrived.await();
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("\r\nContent-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nCache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nX-Accel-Buffering: no\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nX-Extra: 1\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.read_until("\n\n\r\n"), "17\r\nevent: hello\ndata: {}\n\n\r\n");

  live->on_loop([this] { EXPECT_TRUE(stream.write(shared(sse_event("message", "1", "7")))); });
  EXPECT_EQ(client.read_until("\n\n\r\n"), "1e\r\nevent: message\ndata: 1\nid: 7\n\n\r\n");
  live->on_loop([this] {
    stream.finish();
    EXPECT_FALSE(stream.write(shared(sse_event("message", "2", "8"))));
  });
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
  client.close();
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(Stream, LeavesTheConnectionForFurtherRequestsWhereItIsToStay) {
  at_end = AtEnd::keep;
  begin();
  Client client(*live);
  for (int round = 0; round < 2; ++round) {
    client.get("/stream");
    arrived.await();
    if (round == 1) {
      EXPECT_EQ(told.await(), "next request");
    }
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_EQ(head.find("\r\nConnection:"), std::string::npos);
    live->on_loop([this] {
      stream.write(shared(sse_event("message", "1")));
      stream.finish();
    });
    client.read_until("0\r\n\r\n");
    EXPECT_FALSE(told.raised());
  }
  client.close();
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(Stream, ThatIsToStayTellsAnAnswerThatWasLost) {
  at_end = AtEnd::keep;
  begin();
  Client client(*live);
  client.get("/stream");
  arrived.await();
  client.read_until("data: {}");
  live->on_loop([this] {
    stream.write(shared(sse_event("message", std::string(8 << 20, 'x'))));
    stream.finish();
  });
  client.reset();
  EXPECT_EQ(told.await(), "closed, not acknowledged");
}

TEST_F(Stream, ThatIsToStayEndsWithTheConnectionOnHttp10) {
  at_end = AtEnd::keep;
  begin();
  Client client(*live);
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  arrived.await();
  live->on_loop([this] { stream.finish(); });
  EXPECT_TRUE(client.read_to_end().ends_with("data: {}\n\n"));
}

TEST_F(Stream, EndsWithTheConnectionOnHttp10) {
  begin();
  Client client(*live);
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  arrived.await();
  live->on_loop([this] {
    stream.write(shared(sse_event("a", "1") + sse_event("b", "2")));
    stream.finish();
  });
  const std::string all = client.read_to_end();
  EXPECT_EQ(all.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4),
            "event: hello\ndata: {}\n\nevent: a\ndata: 1\n\nevent: b\ndata: 2\n\n");
}

TEST_F(Stream, KeepsForASlowReaderAndTellsWhenAllIsWritten) {
  begin();
  Client client(live->port(), "127.0.0.1", 4096);
  client.get("/stream");
  arrived.await();
  const auto event = shared(sse_event("message", std::string(100'000, 'x')));
  std::size_t events = 0;
  live->on_loop([&] {
    while (stream.unwritten() < 1'000'000) {
      ASSERT_TRUE(stream.write(event));
      ++events;
    }
    EXPECT_FALSE(stream.acknowledged());
    EXPECT_FALSE(told.raised());
  });
  client.read_until("\r\n\r\n");
  client.read_until("\n\n\r\n");
  for (std::size_t i = 0; i < events; ++i) EXPECT_EQ(client.read_until("\n\n\r\n"), *event);
  EXPECT_EQ(told.await(), "drained");
  live->on_loop([&] { EXPECT_EQ(stream.unwritten(), 0U); });
}

TEST_F(Stream, ReaderThatReadsNothingIsCutOff) {
  begin({.write_stall_max = 150});
  Client client(live->port(), "127.0.0.1", 4096);
  client.get("/stream");
  arrived.await();
  const auto event = shared(sse_event("message", std::string(100'000, 'x')));
  live->on_loop([&] {
    while (stream.unwritten() < 1'000'000) stream.write(event);
  });
  EXPECT_EQ(told.await(), "closed, not acknowledged");
  EXPECT_EQ(live->server->counters().timeouts, 1U);
  live->on_loop([&] { EXPECT_FALSE(stream.write(event)); });
}

TEST_F(Stream, MayBeFinishedOrAbortedFromDrained) {
  class Finisher final : public Parked {
   public:
    Finisher(Exchange& stream, Signal& told) : stream_(stream), told_(told) {}
    void drained() override {
      stream_.finish();
      stream_.abort();
      told_.raise("drained");
    }
    void closed(bool) override { told_.raise("closed"); }

   private:
    Exchange& stream_;
    Signal& told_;
  };
  begin();
  Client client(live->port(), "127.0.0.1", 4096);
  client.get("/stream");
  arrived.await();
  const auto event = shared(sse_event("message", std::string(100'000, 'x')));
  live->on_loop([&] {
    stream.park(std::make_unique<Finisher>(stream, told));
    while (stream.unwritten() < 1'000'000) stream.write(event);
  });
  client.read_to_end();
  EXPECT_EQ(told.await(), "drained");
  EXPECT_EQ(told.await(), "closed");
}

TEST_F(Stream, HearsAtOnceWhenItsReaderGoes) {
  begin();
  {
    Client client(*live);
    client.get("/stream");
    arrived.await();
    client.read_until("\n\n\r\n");
  }
  EXPECT_EQ(told.await(), "half closed");
  // What is written now meets a reset, and that ends it.
  live->on_loop([this] { stream.write(shared(sse_event("message", "1"))); });
  EXPECT_EQ(told.await(), "closed, not acknowledged");
}

TEST_F(Stream, AnswersHeadWithItsHeadersOnly) {
  begin();
  Client client(*live);
  client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("text/event-stream"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace rogerthat::net
