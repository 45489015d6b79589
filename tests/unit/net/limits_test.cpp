// What a server allows its clients: time, connections, requests.
#include <atomic>

#include <gtest/gtest.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

std::unique_ptr<LiveServer> server_with(ServerOptions options) {
  auto live = std::make_unique<LiveServer>(std::move(options));
  live->handler.on_request = [](const Request& request, Exchange exchange) {
    exchange.reply(text_response(request.client.to_string()));
  };
  live->start();
  return live;
}

TEST(Limits, HeaderThatTakesTooLongIs408) {
  const auto live = server_with({.header_time_max = 80});
  Client client(*live);
  client.send("GET / HTTP/1.1\r\nHo");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(live->server->counters().timeouts, 1U);
}

TEST(Limits, HeaderThatDripsIsCutOffAllTheSame) {
  const auto live = server_with({.header_time_max = 120});
  Client client(*live);
  client.send("GET / HTTP/1.1\r\nX: ");
  std::atomic<bool> answered = false;
  std::thread dripper([&] {
    while (!answered) {
      client.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_TRUE(client.at_end());
  answered = true;
  dripper.join();
}

TEST(Limits, BodyThatTakesTooLongIs408) {
  const auto live = server_with({.body_time_max = 80});
  Client client(*live);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_TRUE(client.at_end());
}

TEST(Limits, IdleConnectionIsClosedWithoutAWord) {
  const auto live = server_with({.idle_time_max = 80});
  Client fresh(*live), used(*live);
  used.get("/");
  EXPECT_EQ(used.answer().status, 200);
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_EQ(used.read_to_end(), "");
  EXPECT_EQ(live->server->counters().timeouts, 0U);
}

TEST(Limits, ParkedRequestIsNotIdle) {
  Signal told;
  Exchange waiting;
  LiveServer live({.header_time_max = 30, .body_time_max = 30, .idle_time_max = 30});
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    exchange.park(std::make_unique<Recorder>(told));
    waiting = std::move(exchange);
  };
  live.start();
  Client client(live), other(live);
  client.get("/");
  EXPECT_EQ(other.read_to_end(), "");  // that one was idle, and its time is over
  live.on_loop([&] { EXPECT_TRUE(waiting.open()); });
  live.on_loop([&] { waiting.reply(text_response("done")); });
  EXPECT_EQ(client.answer().body, "done");
}

TEST(Limits, HeaderThatIsTooLargeIs431) {
  const auto live = server_with({});
  Client client(*live);
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(16 << 10, 'x'));
  EXPECT_EQ(client.answer().status, 431);
  EXPECT_TRUE(client.at_end());
}

TEST(Limits, LastRequestOfAConnectionSaysSo) {
  const auto live = server_with({.requests_per_connection_max = 2});
  Client client(*live);
  client.get("/");
  EXPECT_EQ(client.answer().header("Connection"), "");
  client.get("/");
  EXPECT_EQ(client.answer().header("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST(Limits, TooManyConnectionsInAllAreTurnedAway) {
  const auto live = server_with({.connections_max = 2});
  Client first(*live);
  {
    Client second(*live);
    first.get("/");
    second.get("/");
    EXPECT_EQ(first.answer().status, 200);
    EXPECT_EQ(second.answer().status, 200);
    Client third(*live);
    EXPECT_EQ(third.answer().status, 503);
    EXPECT_TRUE(third.at_end());
    EXPECT_EQ(live->server->counters().refused_connections, 1U);
  }
  while (live->server->counters().open > 1) std::this_thread::yield();
  Client fourth(*live);
  fourth.get("/");
  EXPECT_EQ(fourth.answer().status, 200);
}

TEST(Limits, TooManyConnectionsOfOneAddressAreTurnedAway) {
  const auto live = server_with({.host = "127.0.0.1", .connections_per_address_max = 1});
  Client first(*live);
  first.get("/");
  EXPECT_EQ(first.answer().status, 200);
  Client second(*live);
  EXPECT_EQ(second.answer().status, 429);
  EXPECT_TRUE(second.at_end());
}

TEST(Limits, TrustedProxySpeaksForMany) {
  const auto live = server_with(
      {.trusted_proxies = {*IpNetwork::parse("127.0.0.1")}, .connections_per_address_max = 1});
  Client first(*live), second(*live);
  first.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n");
  second.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n");
  EXPECT_EQ(first.answer().body, "9.9.9.9");
  EXPECT_EQ(second.answer().body, "8.8.8.8");
}

TEST(Limits, ClientThatNeverReadsItsAnswerIsCutOff) {
  Signal told;
  LiveServer live({.write_stall_max = 120});
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    exchange.park(std::make_unique<Recorder>(told));
    exchange.reply(text_response(std::string(8 << 20, 'x')));
  };
  live.start();
  Client client(live.port(), "127.0.0.1", 4096);
  client.get("/");
  EXPECT_EQ(told.await(), "closed, not acknowledged");
  EXPECT_EQ(live.server->counters().timeouts, 1U);
}

}  // namespace
}  // namespace rogerthat::net
