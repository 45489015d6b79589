// Connections that move to the loop which owns what they ask for.
#include <gtest/gtest.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

// The path names the loop that answers: /0 or /1.
class Move : public testing::Test {
 protected:
  Move() : live({}, 2) {}
  void SetUp() override {
    live.handler.on_request = [this](const Request& request, Exchange exchange) {
      Loop& wanted = live.loop(request.path == "/1" ? 1 : 0);
      if (Loop::current() != &wanted) return exchange.move_to(wanted);
      moved += exchange.moves();
      exchange.reply(text_response(std::string(request.path) + " " + std::string(request.body)));
    };
    live.start();
  }
  LiveServer live;
  std::atomic<int> moved{0};
};

TEST_F(Move, IsNotSeenByTheClient) {
  Client client(live);
  for (int round = 0; round < 20; ++round) {
    for (const char* path : {"/0", "/1", "/1", "/0"}) {
      client.get(path);
      EXPECT_EQ(client.answer().body, std::string(path) + " ");
    }
  }
  EXPECT_EQ(live.server->counters().requests, 80U);
  EXPECT_EQ(live.server->counters().open, 1U);
  client.close();
  while (live.server->counters().open > 0) std::this_thread::yield();
  EXPECT_EQ(live.server->counters().closed, 1U);
}

TEST_F(Move, CountsHowOftenARequestHasMoved) {
  Client client(live);
  client.get("/0");
  client.answer();
  moved = 0;
  client.get("/1");
  client.answer();
  EXPECT_EQ(moved, 1);
  client.get("/1");
  client.answer();
  EXPECT_EQ(moved, 1);
}

TEST_F(Move, TakesTheBodyAndWhatIsPipelinedAlong) {
  Client client(live);
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all +=
        "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    all += "POST /0 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy";
    all += "GET /0 HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.answer().body, "/1 abcde");
    EXPECT_EQ(client.answer().body, "/0 xy");
    EXPECT_EQ(client.answer().body, "/0 ");
  }
}

TEST_F(Move, OfManyAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Client client(live);
      for (int i = 0; i < 300; ++i) {
        const std::string path = i % 2 ? "/1" : "/0";
        client.get(path);
        if (client.answer().body == path + " ") ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 1200);
}

TEST(MoveOfAParked, HearsNextRequestBeforeTheMove) {
  Signal told;
  LiveServer live({}, 2);
  live.handler.on_request = [&](const Request& request, Exchange exchange) {
    Loop& wanted = live.loop(request.path == "/1" ? 1 : 0);
    if (Loop::current() != &wanted) return exchange.move_to(wanted);
    exchange.park(std::make_unique<Recorder>(told));
    exchange.reply(text_response("ok"));
  };
  live.start();
  Client client(live);
  client.get("/0");
  EXPECT_EQ(client.answer().body, "ok");
  client.get("/1");
  EXPECT_EQ(client.answer().body, "ok");
  EXPECT_EQ(told.await(), "next request");
  client.close();
  EXPECT_EQ(told.await(), "closed, acknowledged");
  EXPECT_FALSE(told.raised());
}

TEST(MoveOutsideOfTheHandler, IsA500) {
  Signal arrived;
  Exchange late;
  std::size_t where = 0;
  LiveServer live({}, 2);
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    where = Loop::current() == &live.loop(0) ? 0 : 1;
    late = std::move(exchange);
    arrived.raise();
  };
  live.start();
  Client client(live);
  client.get("/");
  arrived.await();
  live.on_loop([&] { late.move_to(live.loop(1 - where)); }, where);
  EXPECT_EQ(client.answer().status, 500);
}

TEST(MoveToAForeignLoop, IsA500) {
  Loop foreign;
  LiveServer live;
  live.handler.on_request = [&](const Request&, Exchange exchange) { exchange.move_to(foreign); };
  live.start();
  Client client(live);
  client.get("/");
  EXPECT_EQ(client.answer().status, 500);
}

}  // namespace
}  // namespace rogerthat::net
