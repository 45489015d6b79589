// The life of a server: listening, running out of descriptors, draining, closing.
#include "net/server.h"

#include <optional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

void answer_ok(LiveServer& live) {
  live.handler.on_request = [](const Request&, Exchange exchange) {
    exchange.reply(text_response("ok"));
  };
}

TEST(Listening, OnIpv6AndByName) {
  const std::pair<const char*, const char*> cases[] = {
      {"::1", "::1"}, {"[::1]", "::1"}, {"::", "::1"}, {"localhost", "127.0.0.1"}};
  for (const auto& [host, address] : cases) {
    LiveServer live({.host = host});
    answer_ok(live);
    live.start();
    Client client(live.port(), address);
    client.get("/");
    EXPECT_EQ(client.answer().body, "ok") << host;
  }
  LiveServer all({.host = "::"});
  all.handler.on_request = [](const Request& request, Exchange exchange) {
    exchange.reply(text_response(request.peer.to_string()));
  };
  all.start();
  Client client(all.port(), "127.0.0.1");
  client.get("/");
  EXPECT_EQ(client.answer().body, "127.0.0.1");
}

TEST(Listening, TwoLoopsShareThePortThatWasChosen) {
  LiveServer live({}, 2);
  answer_ok(live);
  live.start();
  for (int i = 0; i < 20; ++i) {
    Client client(live);
    client.get("/");
    EXPECT_EQ(client.answer().body, "ok");
  }
}

TEST(Listening, OnAPortInUseSaysWhichAndWhatToDo) {
  LiveServer first;
  answer_ok(first);
  first.start();
  Loop loop;
  TestHandler handler;
  Server second({.port = first.port()}, {&loop}, handler);
  const auto result = second.listen();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cannot listen on 127.0.0.1:" + std::to_string(first.port()) +
                                        ": the port is in use by another program");
  EXPECT_NE(result.error().hint.find("--port"), std::string::npos);
}

TEST(Listening, OnAForeignAddressOrABadNameIsAnError) {
  Loop loop;
  TestHandler handler;
  Server foreign({.host = "192.0.2.1", .port = 0}, {&loop}, handler);
  EXPECT_NE(foreign.listen().error().message.find("no such address"), std::string::npos);
  Server bad({.host = "no such host", .port = 0}, {&loop}, handler);
  EXPECT_NE(bad.listen().error().message.find("'no such host'"), std::string::npos);
}

TEST(Accepting, GoesOnAfterDescriptorsRanOut) {
  LiveServer live;
  answer_ok(live);
  live.start();
  Client before(live);
  before.get("/");
  EXPECT_EQ(before.answer().body, "ok");

  rlimit old_limit{};
  getrlimit(RLIMIT_NOFILE, &old_limit);
  rlimit small = old_limit;
  small.rlim_cur = 128;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &small), 0);
  const int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::vector<int> hogs;
  for (int fd = 0; (fd = fcntl(late, F_DUPFD_CLOEXEC, 0)) >= 0;) hogs.push_back(fd);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(live.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(late, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  char byte = 0;
  EXPECT_LE(recv(late, &byte, 1, 0), 0) << "it must be turned away, not left waiting";
  before.get("/");
  EXPECT_EQ(before.answer().body, "ok");
  EXPECT_GE(live.server->counters().accept_failures, 1U);

  for (const int fd : hogs) close(fd);
  close(late);
  setrlimit(RLIMIT_NOFILE, &old_limit);
  Client after(live);
  after.get("/");
  EXPECT_EQ(after.answer().body, "ok");
}

TEST(Draining, ClosesIdleConnectionsAndLetsBusyOnesFinish) {
  Signal arrived, told;
  Exchange waiting;
  LiveServer live;
  live.handler.on_request = [&](const Request& request, Exchange exchange) {
    if (request.path != "/park") return exchange.reply(text_response("ok"));
    exchange.park(std::make_unique<Recorder>(told));
    waiting = std::move(exchange);
    arrived.raise();
  };
  live.start();
  Client idle(live), busy(live);
  idle.get("/");
  EXPECT_EQ(idle.answer().body, "ok");
  busy.get("/park");
  arrived.await();

  live.server->begin_drain();
  EXPECT_TRUE(idle.at_end());
  EXPECT_FALSE(live.server->drained());
  EXPECT_THROW(Client{live}, std::runtime_error);
  live.on_loop([&] { waiting.reply(text_response("last")); });
  const Answer answer = busy.answer();
  EXPECT_EQ(answer.body, "last");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(busy.at_end());
  busy.close();
  EXPECT_EQ(told.await(), "closed, acknowledged");
  while (!live.server->drained()) std::this_thread::yield();
}

TEST(Draining, EndsAllThatIsLeftOnCloseAll) {
  Signal arrived, told;
  Exchange waiting;
  LiveServer live;
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    exchange.park(std::make_unique<Recorder>(told));
    waiting = std::move(exchange);
    arrived.raise();
  };
  live.start();
  Client client(live);
  client.get("/");
  arrived.await();
  live.server->begin_drain();
  live.server->close_all();
  EXPECT_EQ(told.await(), "closed, acknowledged");
  EXPECT_TRUE(client.at_end());
  while (!live.server->drained()) std::this_thread::yield();
}

TEST(ClosingClients, EndsTheConnectionsOfThoseMeantAndNoOthers) {
  Signal arrived, told;
  std::vector<Exchange> waiting;
  LiveServer live({.trusted_proxies = {*IpNetwork::parse("127.0.0.0/8")}});
  live.handler.on_request = [&](const Request& request, Exchange exchange) {
    if (request.path != "/park") return exchange.reply(text_response("ok"));
    exchange.park(std::make_unique<Recorder>(told));
    waiting.push_back(std::move(exchange));
    arrived.raise();
  };
  live.start();
  const auto ask = [](Client& client, std::string_view path, std::string_view address) {
    client.send("GET " + std::string(path) +
                " HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: " + std::string(address) + "\r\n\r\n");
  };
  Client meant(live), other(live), between(live);
  ask(meant, "/park", "192.0.2.7");
  ask(other, "/park", "192.0.2.8");
  arrived.await();
  arrived.await();
  // The connection of a proxy is anybody's once its request has been answered.
  ask(between, "/", "192.0.2.7");
  EXPECT_EQ(between.answer().body, "ok");

  const auto address = *IpAddress::parse("192.0.2.7");
  live.server->close_clients([&](const IpAddress& client) { return client == address; });
  EXPECT_EQ(told.await(), "closed, acknowledged");
  EXPECT_TRUE(meant.at_end());
  ask(between, "/", "192.0.2.9");
  EXPECT_EQ(between.answer().body, "ok");
  EXPECT_FALSE(told.raised());
  live.on_loop([&] { waiting.clear(); });
  EXPECT_EQ(other.answer().status, 500);  // it was still there
}

TEST(ClosingClients, EndsAnIdleConnectionFromThereDirectly) {
  LiveServer live;
  live.handler.on_request = [](const Request&, Exchange exchange) {
    exchange.reply(text_response("ok"));
  };
  live.start();
  Client client(live);
  client.get("/");
  EXPECT_EQ(client.answer().body, "ok");
  live.server->close_clients([](const IpAddress& address) { return address.is_loopback(); });
  EXPECT_TRUE(client.at_end());
}

TEST(Destruction, TellsWhatStillWaits) {
  Signal told, arrived;
  Exchange waiting;
  std::optional<Client> client;
  {
    LiveServer live;
    live.handler.on_request = [&](const Request&, Exchange exchange) {
      exchange.park(std::make_unique<Recorder>(told));
      waiting = std::move(exchange);
      arrived.raise();
    };
    live.start();
    client.emplace(live);
    client->get("/");
    arrived.await();
  }
  EXPECT_TRUE(client->at_end());
  EXPECT_EQ(told.await(), "closed, acknowledged");
  EXPECT_FALSE(waiting.open());
}

}  // namespace
}  // namespace rogerthat::net
