// Requests and answers on one connection: order, persistence, framing.
#include <gtest/gtest.h>

#include "live_server.h"

namespace rogerthat::net {
namespace {

Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

class KeepAlive : public testing::Test {
 protected:
  void SetUp() override {
    live.handler.on_request = [](const Request& request, Exchange exchange) {
      exchange.reply(text(std::string(request.method_name) + " " + std::string(request.target) +
                          " " + std::string(request.body)));
    };
    live.start();
  }
  LiveServer live;
};

TEST_F(KeepAlive, OneConnectionServesManyRequests) {
  Client client(live);
  for (int i = 0; i < 3; ++i) {
    client.get("/a?" + std::to_string(i));
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "GET /a?" + std::to_string(i) + " ");
    EXPECT_EQ(answer.header("Connection"), "");
  }
  EXPECT_EQ(live.server->counters().accepted, 1U);
  EXPECT_EQ(live.server->counters().requests, 3U);
}

TEST_F(KeepAlive, EveryAnswerCarriesTheCommonHeaders) {
  Client client(live);
  client.get("/");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(answer.header("Strict-Transport-Security"), "");
  EXPECT_EQ(answer.header("Date").size(), 29U);
}

TEST_F(KeepAlive, PipelinedRequestsAreAnsweredInOrder) {
  Client client(live);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbody";
  }
  client.send(all);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.answer().body, "POST /" + std::to_string(i) + " body");
  }
}

}  // namespace
}  // namespace rogerthat::net
