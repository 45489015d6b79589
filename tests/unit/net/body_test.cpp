// Bodies and their limits over a live connection; answers without a body.
#include <gtest/gtest.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

class Body : public testing::Test {
 protected:
  void SetUp() override {
    live.handler.on_request = [](const Request& request, Exchange exchange) {
      if (request.path == "/empty") return exchange.reply({204, {}, {}, {}});
      exchange.reply(text_response(std::to_string(request.body.size()) + ":" +
                                   std::string(request.body.substr(0, 20))));
    };
    live.start();
  }
  LiveServer live;
};

TEST_F(Body, ComesInChunksAndIsJoined) {
  Client client(live);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* piece :
       {"5\r\nhel", "lo\r", "\n1", ";x\r\n \r\n5\r\nthere", "\r\n0\r\n", "\r\n"}) {
    client.send(piece);
  }
  EXPECT_EQ(client.answer().body, "11:hello there");
  client.get("/");
  EXPECT_EQ(client.answer().body, "0:");
}

TEST_F(Body, MayBeLargerThanTheBuffer) {
  Client client(live);
  const std::string body(900'000, 'x');
  for (int i = 0; i < 3; ++i) {
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + body);
    EXPECT_EQ(client.answer().body, "900000:" + body.substr(0, 20));
  }
  std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 1000; ++i) chunked += "64\r\n" + std::string(100, 'y') + "\r\n";
  client.send(chunked + "0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "100000:" + std::string(20, 'y'));
}

TEST_F(Body, IsAskedForWhenTheClientWaits) {
  Client client(live);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_EQ(client.answer().body, "5:hello");
}

TEST_F(Body, IsNotAskedForWhenItIsThereAlready) {
  Client client(live);
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(client.answer().body, "5:hello");
}

TEST_F(Body, ThatIsTooLargeIsRefusedBeforeItIsSent) {
  Client client(live);
  client.send(
      "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\r\n");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "413 The request body is too large.");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Body, RefusalIsReadEvenByAClientThatGoesOnSending) {
  Client client(live);
  const std::string megabyte(1 << 20, 'x');
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 3145728\r\n\r\n");
  for (int i = 0; i < 3; ++i) client.send(megabyte);
  EXPECT_EQ(client.answer().status, 413);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Body, InChunksIsRefusedOnceItIsTooLarge) {
  Client client(live);
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("10\r\n0123456789abcdef\r\n1\r\n");
  EXPECT_EQ(client.answer().status, 413);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Body, OfAMalformedRequestIsNoSecondRequest) {
  Client client(live);
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer().status, 400);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(live.server->counters().requests, 0U);
  EXPECT_EQ(live.server->counters().refused_requests, 1U);
}

TEST_F(Body, RefusalComesBehindTheAnswersBeforeIt) {
  Client client(live);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/9.9\r\n\r\n");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().status, 505);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Body, OfAnAnswerToHeadIsLeftOut) {
  Client client(live);
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer(true).header("Content-Length"), "2");
  client.get("/");
  EXPECT_EQ(client.answer().body, "0:");
}

TEST_F(Body, DoesNotGoWith204) {
  Client client(live);
  client.get("/empty");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Content-Length"), "");
  EXPECT_EQ(answer.header("Content-Type"), "");
  client.get("/");
  EXPECT_EQ(client.answer().body, "0:");
}

TEST_F(Body, HttpOneZeroClosesUnlessItAsksToStay) {
  Client closing(live), staying(live);
  closing.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.answer().header("Connection"), "close");
  EXPECT_TRUE(closing.at_end());
  for (int i = 0; i < 2; ++i) {
    staying.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(staying.answer().header("Connection"), "keep-alive");
  }
}

TEST_F(Body, AnsweredInFullToAClientThatFinishedSending) {
  Client client(live);
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  client.finish_sending();
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Body, ThousandsOfPipelinedRequestsOfAClientThatDoesNotRead) {
  Client client(live);
  std::string all;
  constexpr int kRequests = 20'000;
  for (int i = 0; i < kRequests; ++i) all += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::thread sender([&] { client.send(all); });
  int answers = 0;
  for (; answers < kRequests; ++answers) {
    if (client.answer().body != "0:") break;
  }
  sender.join();
  EXPECT_EQ(answers, kRequests);
}

TEST(ResponseHeaders, CannotBeSplit) {
  Response response = text_response("x");
  response.headers.emplace_back("Location", "/a\r\nSet-Cookie: b");
  EXPECT_NE(encode_response(response, true).find("Location: /a  Set-Cookie: b\r\n"),
            std::string::npos);
  EXPECT_NE(encode_response(response, true).find("Strict-Transport-Security: "), std::string::npos);
}

}  // namespace
}  // namespace rogerthat::net
