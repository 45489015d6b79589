// A client whose loop runs on the test's own thread, until what is awaited has come.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "live_server.h"
#include "net/http_client.h"
#include "net/timers.h"
#include "recorder.h"

namespace rogerthat::net {

class HttpClientTest : public testing::Test {
 protected:
  Loop loop;
  Timers timers{loop};
  ClientOptions options;
  std::unique_ptr<HttpClient> owned;

  HttpClient& client() {
    if (!owned) owned = std::make_unique<HttpClient>(loop, options);
    return *owned;
  }
  void run() {
    const auto patience = timers.after(kPatienceMillis, [this] {
      ADD_FAILURE() << "awaited in vain";
      loop.stop();
    });
    loop.run();
    timers.cancel(patience);
  }
  std::expected<ClientResponse, ClientError> fetch(ClientRequest request) {
    std::expected<ClientResponse, ClientError> got = std::unexpected(ClientError{});
    client().send(std::move(request), [&](auto answer) {
      got = std::move(answer);
      loop.stop();
    });
    run();
    return got;
  }
  std::string fetch_body(std::string url) {
    const auto got = fetch({.url = std::move(url)});
    return got ? got->body : "failed: " + got.error().text;
  }
  std::string failure(ClientRequest request) {
    const auto got = fetch(std::move(request));
    return got ? "no failure" : got.error().text;
  }
  ClientFailure failure_kind(ClientRequest request) {
    const auto got = fetch(std::move(request));
    EXPECT_FALSE(got);
    return got ? ClientFailure::overloaded : got.error().kind;
  }
};

inline std::string url_of(const LiveServer& live, std::string_view path = "/") {
  return "http://127.0.0.1:" + std::to_string(live.port()) + std::string(path);
}

// Answers with what it has read.
inline void echo(LiveServer& live) {
  live.handler.on_request = [](const Request& request, Exchange exchange) {
    std::string text = std::string(request.method_name) + " " + std::string(request.target);
    text += " " + std::string(request.header("x-test").value_or("-"));
    text += " " + std::string(request.host) + " " + std::string(request.body);
    exchange.reply(text_response(std::move(text)));
  };
  live.start();
}

}  // namespace rogerthat::net
