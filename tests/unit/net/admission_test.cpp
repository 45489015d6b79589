// Whether a body may come is asked before any of it is kept, and only where it is not there yet.
#include <atomic>

#include <gtest/gtest.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

constexpr const char* kHead = "POST /yes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";

// Bodies for /yes may come, on the second loop where there are two.
class Admission : public testing::Test {
 protected:
  explicit Admission(std::size_t loops = 1) : live({}, loops), home(live.loop(loops - 1)) {}
  void SetUp() override {
    live.handler.on_body_due = [this](const Request& request, Exchange exchange) {
      ++asked;
      if (request.path != "/yes") return exchange.reply(text_response("no", 404));
      if (Loop::current() != &home) return exchange.move_to(home);
      exchange.await_body();
    };
    live.handler.on_request = [this](const Request& request, Exchange exchange) {
      if (Loop::current() != &home) return exchange.move_to(home);
      exchange.reply(text_response(std::string(request.body)));
    };
    live.start();
  }
  void until_asked(int times) const {
    while (asked < times) std::this_thread::yield();
  }
  LiveServer live;
  Loop& home;
  std::atomic<int> asked{0};
};

class AdmissionElsewhere : public Admission {
 protected:
  AdmissionElsewhere() : Admission(2) {}
};

TEST_F(Admission, IsNotAskedForWhatIsThere) {
  Client client(live);
  client.send(std::string(kHead) + "hello");
  EXPECT_EQ(client.answer().body, "hello");
  client.get("/");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(asked, 0);
}

TEST_F(Admission, IsAskedOnce) {
  Client client(live);
  client.send(kHead);
  until_asked(1);
  for (const char* piece : {"h", "el", "lo"}) client.send(piece);
  EXPECT_EQ(client.answer().body, "hello");
  client.send("POST /yes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  until_asked(2);
  for (const char* piece : {"2\r\nab\r", "\n1\r\nc\r\n", "0\r\n\r\n"}) client.send(piece);
  EXPECT_EQ(client.answer().body, "abc");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(live.server->counters().requests, 2U);
}

TEST_F(Admission, WhereThereIsNoneTheAnswerComesAtOnceAndEndsTheConnection) {
  for (const char* framing :
       {"Content-Length: 1000000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n9",
        "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"}) {
    Client client(live);
    client.send(std::string("POST /no HTTP/1.1\r\nHost: a\r\n") + framing);
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 404) << framing;
    EXPECT_EQ(answer.header("Connection"), "close");
    client.send(std::string(200'000, 'x'));  // may come, and nobody keeps it
    EXPECT_TRUE(client.at_end());
  }
  EXPECT_EQ(live.server->counters().kept_input_bytes, 0U);
  EXPECT_EQ(live.server->counters().requests, 3U);
}

TEST_F(Admission, IsAskedForWhenThePreviousAnswerHasArrived) {
  Signal told;
  live.handler.on_request = [&](const Request& request, Exchange exchange) {
    if (request.method == Method::get) exchange.park(std::make_unique<Recorder>(told));
    exchange.reply(text_response(std::string(request.body)));
  };
  Client client(live);
  client.get("/");
  client.answer();
  client.send(kHead);
  EXPECT_EQ(told.await(), "next request");
  client.send("hello");
  EXPECT_EQ(client.answer().body, "hello");
}

TEST_F(AdmissionElsewhere, MovesTheConnectionBeforeItsBody) {
  for (int i = 0; i < 8; ++i) {  // whichever loop accepts it
    Client client(live);
    const int before = asked;
    client.send(kHead);
    until_asked(before + 1);
    client.send("he");
    client.send("llo");
    EXPECT_EQ(client.answer().body, "hello");
    client.send(
        "POST /yes HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    EXPECT_EQ(client.answer().body, "hi");
  }
  EXPECT_EQ(live.server->counters().requests, 16U);
}

}  // namespace
}  // namespace rogerthat::net
