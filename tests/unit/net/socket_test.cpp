// What accepted sockets inherit from their listener, and the bounds on what clients make us keep.
#include "net/socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "net/output_queue.h"
#include "recorder.h"

namespace rogerthat::net {
namespace {

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
  close(fd);
  close(fds->at(0));
}

TEST(Memory, OfIncompleteRequestsIsBoundedInAll) {
  LiveServer live({.kept_input_bytes_max = 200'000});
  live.handler.on_request = [](const Request&, Exchange exchange) {
    exchange.reply(text_response("ok"));
  };
  live.start();
  const std::string part =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90001\r\n\r\n" + std::string(90'000, 'x');
  Client first(live), second(live);
  first.send(part);
  second.send(part);
  // One of them tips the scale, and the other may go on.
  pollfd ready[] = {{.fd = first.fd(), .events = POLLIN, .revents = 0},
                    {.fd = second.fd(), .events = POLLIN, .revents = 0}};
  ASSERT_EQ(poll(ready, 2, kPatienceMillis), 1);
  const bool first_refused = ready[0].revents != 0;
  EXPECT_EQ((first_refused ? first : second).answer().status, 503);
  Client& other = first_refused ? second : first;
  other.send("y");
  EXPECT_EQ(other.answer().body, "ok");
  EXPECT_EQ(live.server->counters().cut_off_for_memory, 1U);
}

TEST(Memory, OfAnswersThatNobodyReadsIsBoundedInAll) {
  LiveServer live({.kept_output_bytes_max = 10 << 20});
  live.handler.on_request = [](const Request&, Exchange exchange) {
    exchange.reply(text_response(std::string(8 << 20, 'x')));
  };
  live.start();
  Client first(live.port(), "127.0.0.1", 4096), second(live.port(), "127.0.0.1", 4096);
  first.get("/");
  first.read_until("\r\n\r\n");
  second.get("/");
  EXPECT_LT(second.read_to_end().size(), 8U << 20);
  EXPECT_EQ(live.server->counters().cut_off_for_memory, 1U);
  EXPECT_GE(first.read_until(std::string(100'000, 'x')).size(), 100'000U) << "it may go on reading";
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
