// What accepted sockets inherit from their listener, and the bounds on what clients make us keep.
#include "net/socket.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "live_server.h"
#include "net/output_queue.h"

namespace rogerthat::net {
namespace {

// More than a socket takes for a peer that does not read.
void answer_much(const Request&, Exchange exchange) {
  exchange.reply(text_response(std::string(8 << 20, 'x')));
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, level, name, &value, &size);
  return value;
}

TEST(Listener, PassesItsOptionsOnToWhatItAccepts) {
  const auto addresses = resolve_listen_address("127.0.0.1", 0);
  ASSERT_TRUE(addresses);
  const auto fds = open_listeners(addresses->front(), 2);
  ASSERT_TRUE(fds);
  EXPECT_EQ(bound_port(fds->at(0)), bound_port(fds->at(1)));
  close(fds->at(1));
  Client client(bound_port(fds->at(0)));
  pollfd ready{.fd = fds->at(0), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&ready, 1, kPatienceMillis), 1);
  const int fd = accept(fds->at(0), nullptr, nullptr);
  ASSERT_GE(fd, 0);
  EXPECT_NE(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 30'000);
  EXPECT_NE(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 15);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 4);
  EXPECT_LE(option(fd, SOL_SOCKET, SO_SNDBUF), 256 << 10);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 16 << 10);
  close(fd);
  close(fds->at(0));
}

ServerOptions behind_a_proxy() {
  return {.trusted_proxies = {*IpNetwork::parse("127.0.0.1")}};
}

std::string head_from(const char* address, const char* line, std::size_t body_size) {
  return std::string(line) + " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + address +
         "\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n";
}

// The one of them that hears something, or has ended.
std::size_t index_of_ready(std::initializer_list<const Client*> clients) {
  std::vector<pollfd> ready;
  for (const Client* client : clients) {
    ready.push_back({.fd = client->fd(), .events = POLLIN, .revents = 0});
  }
  EXPECT_EQ(poll(ready.data(), ready.size(), kPatienceMillis), 1);
  return static_cast<std::size_t>(
      std::ranges::find_if(ready, [](const pollfd& one) { return one.revents != 0; }) -
      ready.begin());
}

TEST(Memory, OfIncompleteRequestsIsTakenFromTheAddressThatHasMost) {
  ServerOptions options = behind_a_proxy();
  options.kept_input_bytes_max = 300'000;
  LiveServer live(options);
  live.handler.on_request = [](const Request&, Exchange exchange) {
    exchange.reply(text_response("ok"));
  };
  live.start();
  const std::string part(90'000, 'x');
  Client first(live), second(live), other(live);
  first.send(head_from("9.9.9.9", "POST /", 90'001) + part);
  second.send(head_from("9.9.9.9", "POST /", 90'001) + part);
  while (live.server->counters().kept_input_bytes < 180'000) std::this_thread::yield();
  other.send(head_from("8.8.8.8", "POST /", 90'001) + part);
  const std::size_t gone = index_of_ready({&first, &second, &other});
  ASSERT_LT(gone, 2U) << "not the one that came last";
  EXPECT_EQ((gone == 0 ? first : second).answer().status, 503);
  for (Client* const client : {gone == 0 ? &second : &first, &other}) {
    client->send("y");
    EXPECT_EQ(client->answer().body, "ok");
  }
  EXPECT_EQ(live.server->counters().cut_off_for_memory, 1U);
}

TEST(Memory, OfAnswersThatNobodyReadsIsTakenFromTheAddressThatHasMost) {
  ServerOptions options = behind_a_proxy();
  options.kept_output_bytes_max = 20 << 20;
  LiveServer live(options);
  live.handler.on_request = answer_much;
  live.start();
  Client first(live.port(), "127.0.0.1", 4096), second(live.port(), "127.0.0.1", 4096),
      other(live.port(), "127.0.0.1", 4096);
  first.send(head_from("9.9.9.9", "GET /", 0));
  second.send(head_from("9.9.9.9", "GET /", 0));
  while (live.server->counters().kept_output_bytes < 16 << 20) std::this_thread::yield();
  other.send(head_from("8.8.8.8", "GET /", 0));
  EXPECT_EQ(other.answer().body.size(), 8U << 20);
  EXPECT_EQ(live.server->counters().cut_off_for_memory, 1U);
}

TEST(Memory, OfASocketThatNobodyReadsIsSmall) {
  LiveServer live;
  live.handler.on_request = answer_much;
  live.start();
  Client client(live.port(), "127.0.0.1", 4096);
  client.get("/");
  while (live.server->counters().kept_output_bytes == 0) std::this_thread::yield();
  EXPECT_LT(live.server->counters().bytes_out, 256U << 10) << "has left for the kernel";
}

TEST(Memory, OfSharedBytesIsSharedAmongTheirHolders) {
  Tally tally{0, 1000};
  const auto shared = std::make_shared<const std::string>(std::string(600, 'x'));
  {
    OutputQueue a(tally), b(tally), c(tally);
    a.push(shared, 0);
    EXPECT_EQ(tally.bytes, 600U);
    b.push(shared, 0);
    EXPECT_EQ(tally.bytes, 900U);
    c.push(shared, 300);
    EXPECT_EQ(tally.bytes, 1100U);
    EXPECT_TRUE(tally.exceeded());
    c.consume(300);
    EXPECT_EQ(tally.bytes, 900U);
  }
  EXPECT_EQ(tally.bytes, 0U);
}

}  // namespace
}  // namespace rogerthat::net
