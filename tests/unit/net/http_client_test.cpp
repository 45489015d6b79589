// The client against our own server, and against peers that break every promise.
#include "net/http_client.h"

#include <gtest/gtest.h>

#include "client_fixture.h"
#include "names.h"
#include "net/sse_parser.h"
#include "raw_peer.h"

namespace rogerthat::net {
namespace {

TEST_F(HttpClientTest, SendsWhatWasAskedFor) {
  LiveServer live;
  echo(live);
  const auto got = fetch({.method = "POST",
                          .url = url_of(live, "/a?b=c"),
                          .headers = {{"X-Test", "value"}},
                          .body = "body"});
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->head.status, 200);
  EXPECT_EQ(got->body, "POST /a?b=c value 127.0.0.1:" + std::to_string(live.port()) + " body");
  EXPECT_EQ(got->head.header("x-content-type-options"), "nosniff");
}

TEST_F(HttpClientTest, LargeBodiesGoBothWays) {
  LiveServer live;
  live.handler.limit = 8 << 20;
  live.handler.on_request = [](const Request& request, Exchange exchange) {
    exchange.reply(text_response(std::string(request.body)));
  };
  live.start();
  const std::string body(900'000, 'x');
  const auto got = fetch({.method = "POST", .url = url_of(live), .body = body});
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->body, body);
  EXPECT_EQ(failure({.method = "POST", .url = url_of(live), .body = body, .body_bytes_max = 1000}),
            "the answer is larger than 1000 bytes");
}

TEST_F(HttpClientTest, UsesAConnectionAgain) {
  LiveServer live;
  echo(live);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(fetch({.url = url_of(live)}));
  EXPECT_EQ(live.server->counters().accepted, 1U);
  EXPECT_EQ(client().connections(), 1U);
  // Another name is another origin, though it is the same server.
  EXPECT_TRUE(fetch({.url = "http://localhost:" + std::to_string(live.port()) + "/"}));
  EXPECT_EQ(live.server->counters().accepted, 2U);
}

TEST_F(HttpClientTest, RunsManyAtOnceWithinItsBound) {
  options.connections_max = 4;
  LiveServer live;
  echo(live);
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    client().send({.url = url_of(live, "/" + std::to_string(i))}, [&, i](auto got) {
      ASSERT_TRUE(got) << got.error().text;
      EXPECT_TRUE(got->body.starts_with("GET /" + std::to_string(i) + " "));
      if (++answered == 50) loop.stop();
    });
  }
  run();
  EXPECT_LE(live.server->counters().accepted, 4U);
  EXPECT_EQ(client().running(), 0U);
}

TEST_F(HttpClientTest, RefusesMoreThanMayWait) {
  options.connections_max = 1;
  options.waiting_max = 1;
  RawPeer peer({[](RawPeer::Talk& talk) { talk.await_end(); }});
  std::vector<HttpClient::Id> ids;
  ids.push_back(client().send({.url = peer.url()}, [](auto) { ADD_FAILURE(); }));
  ids.push_back(client().send({.url = peer.url()}, [](auto) { ADD_FAILURE(); }));
  EXPECT_EQ(failure_kind({.url = peer.url()}), ClientFailure::overloaded);
  for (const auto id : ids) client().cancel(id);
}

TEST_F(HttpClientTest, NeverFollowsARedirect) {
  RawPeer peer({[](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    talk.await_end();
  }});
  const auto got = fetch({.url = peer.url()});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->head.status, 302);
  owned.reset();
}

TEST_F(HttpClientTest, RequestsThatCannotBeSentAreRefused) {
  EXPECT_EQ(failure({.url = "file:///etc/passwd"}), "the URL must begin with http:// or https://");
  EXPECT_EQ(failure({.url = "http://127.0.0.1/", .headers = {{"A", "b\r\nC: d"}}}),
            "the header A cannot be sent");
  EXPECT_EQ(failure({.url = "http://127.0.0.1/", .headers = {{"A b", "c"}}}),
            "the header A b cannot be sent");
  EXPECT_EQ(failure({.method = "GET /", .url = "http://127.0.0.1/"}),
            "the request method holds a character that no method has");
}

TEST_F(HttpClientTest, ADeadServerIsToldAtOnce) {
  std::string url;
  {
    url = RawPeer({}).url();
  }
  const auto got = fetch({.url = url});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ClientFailure::unreachable);
  EXPECT_EQ(got.error().text, "Connection refused");
  EXPECT_TRUE(got.error().unsent);
}

TEST_F(HttpClientTest, ANameThatIsNoNameIsUnresolved) {
  const auto got = fetch({.url = "http://no-such-host.invalid/"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ClientFailure::unresolved);
  EXPECT_TRUE(got.error().text.starts_with("no-such-host.invalid cannot be resolved: "));
}

TEST_F(HttpClientTest, NamesThatNobodyAnswersForHoldUpNoOtherHost) {
  LiveServer live;
  echo(live);
  Names names;
  Lookups lookups({.look_up = names.look_up()});
  owned = std::make_unique<HttpClient>(loop, options, lookups);
  const std::string healthy = "http://healthy.test:" + std::to_string(live.port()) + "/";
  ASSERT_TRUE(fetch({.url = healthy, .closes = true}));
  names.hold("dead");
  int unanswered = 40;
  for (int i = 0; i < 40; ++i) {
    const std::string port = ":" + std::to_string(live.port()) + "/";
    client().send({.url = "http://dead" + std::to_string(i) + ".test" + port}, [&](auto got) {
      EXPECT_TRUE(got) << got.error().text;
      if (--unanswered == 0) loop.stop();
    });
  }
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(fetch({.url = healthy, .closes = true}));
  EXPECT_EQ(names.times("healthy.test"), 6U);
  EXPECT_EQ(unanswered, 40);
  names.release();
  run();
  owned.reset();
}

TEST_F(HttpClientTest, OnlyAddressesThatAreAllowedAreConnectedTo) {
  LiveServer live;
  echo(live);
  const std::string port = std::to_string(live.port());
  std::vector<std::string> asked;
  const auto no_loopback = [&](const IpAddress& address) {
    asked.push_back(address.to_string());
    return !address.is_loopback();
  };
  for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    const auto got = fetch({.url = "http://" + host + ":" + port + "/", .allow = no_loopback});
    ASSERT_FALSE(got) << host;
    EXPECT_EQ(got.error().kind, ClientFailure::refused_address);
    EXPECT_TRUE(got.error().unsent);
  }
  EXPECT_EQ(asked, (std::vector<std::string>{"127.0.0.1", "127.0.0.1", "::1", "::1", "127.0.0.1"}));
  // The server listens on 127.0.0.1 only; of a name's addresses the allowed one is used.
  EXPECT_TRUE(fetch({.url = "http://localhost:" + port + "/",
                     .allow = [](const IpAddress& address) { return address.is_v4(); }}));
  EXPECT_EQ(failure_kind({.url = "http://localhost:" + port + "/",
                          .allow = [](const IpAddress& address) { return !address.is_v4(); }}),
            ClientFailure::unreachable);
}

TEST_F(HttpClientTest, AKeptConnectionIsUsedOnlyWhereItsAddressIsAllowed) {
  LiveServer live;
  echo(live);
  EXPECT_TRUE(fetch({.url = url_of(live)}));
  EXPECT_EQ(client().connections(), 1U);
  EXPECT_EQ(failure_kind({.url = url_of(live), .allow = [](const IpAddress&) { return false; }}),
            ClientFailure::refused_address);
}

TEST_F(HttpClientTest, ASilentServerIsGivenUp) {
  const auto silent = [](RawPeer::Talk& talk) { talk.await_end(); };
  RawPeer peer({silent, silent, silent});
  const auto got = fetch({.url = peer.url(), .first_byte_max = 50});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ClientFailure::timeout);
  EXPECT_EQ(got.error().text, "it took too long for an answer");
  EXPECT_FALSE(got.error().unsent);
  EXPECT_EQ(failure({.url = peer.url(), .total_max = 50}), "the whole answer took too long");
  owned.reset();
}

TEST_F(HttpClientTest, ABodyThatStallsIsGivenUp) {
  RawPeer peer({[](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    talk.await_end();
  }});
  EXPECT_EQ(failure({.url = peer.url(), .idle_max = 50}),
            "it took too long for more of the answer");
}

TEST_F(HttpClientTest, BytesThatTrickleAreNoStall) {
  RawPeer peer({[](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 20; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      talk.say("1\r\nx\r\n");
    }
    talk.say("0\r\n\r\n");
    talk.await_end();
  }});
  const auto got = fetch({.url = peer.url(), .first_byte_max = 200, .idle_max = 200});
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->body.size(), 20U);
  owned.reset();
}

TEST_F(HttpClientTest, AnswersThatBreakAreNoAnswers) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "The connection was closed before an answer came."},
      {"HTTP/1.1 200 OK\r\n", "The connection was closed in the middle of the answer."},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
       "The connection was closed in the middle of the answer."},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
       "The connection was closed in the middle of the answer."},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       "A chunk of the answer has no valid size."},
      {"220 mail.example ESMTP\r\n", "The answer is not HTTP."},
  };
  for (const auto& [bytes, text] : cases) {
    RawPeer peer({[answer = std::string(bytes)](RawPeer::Talk& talk) {
      talk.read_request();
      talk.say(answer);
    }});
    EXPECT_EQ(failure({.url = peer.url()}), text);
  }
}

TEST_F(HttpClientTest, AnAnswerMayEndWithItsConnection) {
  RawPeer peer({[](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.0 200 OK\r\n\r\nall of it");
  }});
  EXPECT_EQ(fetch_body(peer.url()), "all of it");
  EXPECT_EQ(client().connections(), 0U);
}

TEST_F(HttpClientTest, BytesNobodyAskedForSpoilTheConnection) {
  const auto talkative = [](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n");
    talk.await_end();
  };
  RawPeer peer({talkative, talkative});
  EXPECT_EQ(fetch_body(peer.url()), "x");
  EXPECT_EQ(client().connections(), 0U);
  EXPECT_EQ(fetch_body(peer.url()), "x");
}

// Keeps the connection once, and closes it when the next request comes on it.
void close_on_second(RawPeer::Talk& talk) {
  talk.read_request();
  talk.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
  talk.read_request();
}

TEST_F(HttpClientTest, WhatIsRepeatableIsSentAgainOnAFreshConnection) {
  const auto answer = [](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
    talk.await_end();
  };
  RawPeer peer({close_on_second, answer});
  EXPECT_EQ(fetch_body(peer.url()), "first");
  EXPECT_EQ(fetch_body(peer.url()), "second");
  owned.reset();
}

TEST_F(HttpClientTest, WhatIsNotRepeatableIsSentOnce) {
  RawPeer peer({close_on_second});
  EXPECT_EQ(fetch_body(peer.url()), "first");
  const auto got = fetch({.method = "POST", .url = peer.url(), .body = "x"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ClientFailure::broken);
  EXPECT_FALSE(got.error().unsent);
}

TEST_F(HttpClientTest, AnEarlyRefusalOfALargeBodyIsRead) {
  RawPeer peer({[](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    talk.await_end();
  }});
  const auto got = fetch({.method = "POST", .url = peer.url(), .body = std::string(20 << 20, 'x')});
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->head.status, 413);
  EXPECT_EQ(got->body, "no");
}

TEST_F(HttpClientTest, WhatIsCancelledIsHeardOfNoMore) {
  Signal closed;
  LiveServer live;
  std::unique_ptr<Exchange> waiting;
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    waiting = std::make_unique<Exchange>(std::move(exchange));
    waiting->park(std::make_unique<Recorder>(closed));
    loop.post([this] { loop.stop(); });
  };
  live.start();
  const auto id = client().send({.url = url_of(live)}, [](auto) { ADD_FAILURE(); });
  run();
  client().cancel(id);
  client().cancel(id);
  EXPECT_NE(closed.await(), "");
  live.on_loop([&] { waiting.reset(); });
  EXPECT_EQ(client().running(), 0U);
}

// --- Streams.

class Collecting final : public ResponseSink {
 public:
  Collecting(std::string& seen, std::function<void()> on_change)
      : seen_(seen), on_change_(std::move(on_change)) {}
  void on_head(const ResponseHead& head) override { seen_ += std::to_string(head.status); }
  void on_data(std::string_view piece) override {
    parser_.feed(piece, [this](const SseEvent& event) {
      seen_.append(" ").append(event.type).append("=").append(event.data);
    });
    on_change_();
  }
  void on_end() override {
    seen_ += " end";
    on_change_();
  }
  void on_failure(const ClientError& error) override {
    seen_ += " failed: " + error.text;
    on_change_();
  }

 private:
  SseParser parser_;
  std::string& seen_;
  std::function<void()> on_change_;
};

TEST_F(HttpClientTest, StreamsComeAsTheyAreWritten) {
  Exchange stream;
  LiveServer live;
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    stream = std::move(exchange);
    stream.open_stream();
    stream.write(std::make_shared<const std::string>(sse_event("a", "1")));
  };
  live.start();
  std::string seen;
  client().stream({.url = url_of(live)}, std::make_unique<Collecting>(seen, [&] {
                    if (seen == "200 a=1") {
                      live.loop(0).post([&] {
                        stream.write(std::make_shared<const std::string>(sse_event("b", "2")));
                        stream.finish();
                      });
                    }
                    if (seen.ends_with("end")) loop.stop();
                  }));
  run();
  EXPECT_EQ(seen, "200 a=1 b=2 end");
}

TEST_F(HttpClientTest, AStreamMayBeCancelledFromWithin) {
  Signal closed;
  Exchange stream;
  LiveServer live;
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    stream = std::move(exchange);
    stream.park(std::make_unique<Recorder>(closed));
    stream.open_stream();
    stream.write(std::make_shared<const std::string>(sse_event("a", "1")));
  };
  live.start();
  std::string seen;
  HttpClient::Id id = 0;
  id = client().stream({.url = url_of(live)}, std::make_unique<Collecting>(seen, [&] {
                         client().cancel(id);
                         loop.stop();
                       }));
  run();
  EXPECT_EQ(seen, "200 a=1");
  EXPECT_EQ(client().connections(), 0U);
  EXPECT_NE(closed.await(), "");
  live.on_loop([&] { stream = {}; });
}

TEST_F(HttpClientTest, AStreamThatBreaksSaysSo) {
  RawPeer peer({[](RawPeer::Talk& talk) {
    talk.read_request();
    talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: x\n\n\r\n");
  }});
  std::string seen;
  client().stream({.url = peer.url()}, std::make_unique<Collecting>(seen, [&] {
                    if (seen.find("failed") != std::string::npos) loop.stop();
                  }));
  run();
  EXPECT_EQ(seen, "200 message=x failed: The connection was closed in the middle of the answer.");
}

TEST_F(HttpClientTest, TheEndOfTheClientEndsWhatRuns) {
  Signal closed;
  Exchange stream;
  LiveServer live;
  live.handler.on_request = [&](const Request&, Exchange exchange) {
    stream = std::move(exchange);
    stream.park(std::make_unique<Recorder>(closed));
    stream.open_stream();
    loop.post([this] { loop.stop(); });
  };
  live.start();
  std::string seen;
  client().stream({.url = url_of(live)}, std::make_unique<Collecting>(seen, [] {}));
  run();
  owned.reset();
  EXPECT_NE(closed.await(), "");
  live.on_loop([&] { stream = {}; });
}

}  // namespace
}  // namespace rogerthat::net
