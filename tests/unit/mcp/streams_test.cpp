// What is told outside of calls: the session's stream (legacy) and subscriptions (modern).
#include <fmt/format.h>

#include "live_endpoint.h"

namespace rogerthat::mcp {
namespace {

class Streams : public LiveEndpoint {
 protected:
  static std::string get(const std::string& session, std::string_view more = {}) {
    return http("GET", session + "Accept: text/event-stream\r\n" + std::string(more));
  }
  void subscribe(const std::string& session, std::string_view uri = "test://a",
                 std::string_view method = "resources/subscribe") {
    const net::Answer answer =
        ask(post(fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"{}","params":{{"uri":"{}"}}}})",
                             method, uri),
                 session));
    EXPECT_NE(answer.body.find(R"("result":{})"), std::string::npos) << answer.body;
  }
  // Waits until everything that was posted to the loop has run.
  void settle() {
    live->on_loop([] {});
    live->on_loop([] {});
  }
};

constexpr std::string_view kUpdated =
    R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://a"}})";

TEST_F(Streams, ASessionHasOne) {
  begin();
  const std::string session = session_line(open_session());
  net::Client first(*live);
  first.send(get(session));
  const std::string head = first.read_until("\r\n\r\n");
  EXPECT_NE(head.find("200 OK"), std::string::npos);
  EXPECT_NE(head.find("X-Accel-Buffering: no"), std::string::npos);
  EXPECT_EQ(endpoint->stats().streams, 1U);
  EXPECT_EQ(ask(get(session)).status, 409);
  first.close();
  while (endpoint->stats().streams > 0) settle();
  net::Client second(*live);
  second.send(get(session));
  EXPECT_NE(second.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
}

TEST_F(Streams, PrimingIsForClientsThatUnderstandIt) {
  begin();
  net::Client old(*live);
  old.send(get(session_line(open_session("2025-06-18"))));
  net::Client fresh(*live);
  fresh.send(get(session_line(open_session("2025-11-25"))));
  fresh.read_until("\r\n\r\n");
  std::string id;
  EXPECT_EQ(next_event(fresh, &id), "");
  EXPECT_FALSE(id.empty());
  endpoint->list_changed(List::tools);
  old.read_until("\r\n\r\n");
  EXPECT_EQ(next_event(old), R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  EXPECT_EQ(next_event(fresh), R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
}

TEST_F(Streams, UpdatesAreKeptForAStreamAndToldOnce) {
  begin();
  const std::string session = session_line(open_session("2025-06-18"));
  subscribe(session);
  for (int i = 0; i < 5; ++i) application.sink->updated();
  net::Client stream(*live);
  stream.send(get(session));
  stream.read_until("\r\n\r\n");
  EXPECT_EQ(next_event(stream), kUpdated);
  endpoint->list_changed(List::resources);
  EXPECT_NE(next_event(stream).find("resources/list_changed"), std::string::npos);
  application.sink->updated();
  EXPECT_EQ(next_event(stream), kUpdated);
}

TEST_F(Streams, UnsubscribingEndsTheWatch) {
  begin();
  const std::string session = session_line(open_session());
  subscribe(session);
  subscribe(session);  // twice is once
  const auto sink = application.sink;
  subscribe(session, "test://a", "resources/unsubscribe");
  application.watch_ended.await();
  EXPECT_FALSE(application.watch_ended.raised());
  sink->updated();
  subscribe(session, "test://a", "resources/unsubscribe");
  net::Client stream(*live);
  stream.send(get(session));
  stream.read_until("\r\n\r\n");
  next_event(stream);
  endpoint->list_changed(List::prompts);
  EXPECT_NE(next_event(stream).find("prompts/list_changed"), std::string::npos);
}

TEST_F(Streams, WatchesEndWithTheSession) {
  begin(2);
  const std::string session = session_line(open_session());
  subscribe(session);
  EXPECT_EQ(ask(http("DELETE", session)).status, 200);
  application.watch_ended.await();
  application.sink->updated();  // told to nobody
}

TEST_F(Streams, WatchesAreBounded) {
  begin();
  const std::string session = session_line(open_session());
  for (std::size_t i = 0; i < Session::kWatchesMax; ++i) {
    subscribe(session, fmt::format("test://{}", i));
  }
  const net::Answer answer = ask(post(
      R"({"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"test://more"}})",
      session));
  EXPECT_NE(answer.body.find("-32602"), std::string::npos) << answer.body;
}

TEST_F(Streams, AClientThatComesBackHasMissedNothing) {
  begin();
  const std::string session = session_line(open_session());
  subscribe(session);
  net::Client stream(*live);
  stream.send(get(session));
  stream.read_until("\r\n\r\n");
  std::string id;
  next_event(stream, &id);
  application.sink->updated();
  EXPECT_EQ(next_event(stream), kUpdated);  // say that it was never read
  // The old stream gives way, though its end has not been noticed.
  net::Client again(*live);
  again.send(get(session, "Last-Event-ID: " + id + "\r\n"));
  again.read_until("\r\n\r\n");
  EXPECT_EQ(next_event(again), "");
  EXPECT_EQ(next_event(again), kUpdated);
  stream.read_until("0\r\n\r\n");
  application.sink->updated();
  EXPECT_EQ(next_event(again), kUpdated);
}

TEST_F(Streams, EndWithTheSessionAndWithTheServer) {
  begin();
  const std::string first = session_line(open_session());
  net::Client stream(*live);
  stream.send(get(first));
  stream.read_until("\r\n\r\n");
  EXPECT_EQ(ask(http("DELETE", first)).status, 200);
  stream.read_until("0\r\n\r\n");

  const std::string second = session_line(open_session());
  net::Client last(*live);
  last.send(get(second));
  last.read_until("\r\n\r\n");
  endpoint->drain();
  last.read_until("0\r\n\r\n");
  EXPECT_EQ(ask(get(second)).status, 503);
}

class Subscriptions : public Streams {
 protected:
  static std::string listen(std::string_view filter, std::string_view id = "7") {
    return post(modern_body("subscriptions/listen", fmt::format(R"(,"notifications":{})", filter),
                            "{}", id),
                modern_headers("subscriptions/listen"));
  }
};

TEST_F(Subscriptions, AreAcknowledgedFirst) {
  begin();
  net::Client client(*live);
  client.send(listen(R"({"toolsListChanged":true,"promptsListChanged":false,"unknown":true,)"
                     R"("resourceSubscriptions":["test://a","other://b","test://a"]})",
                     "\"sub\""));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(next_event(client),
            R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":)"
            R"({"_meta":{"io.modelcontextprotocol/subscriptionId":"sub"},"notifications":)"
            R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]}}})");
  EXPECT_EQ(endpoint->stats().subscriptions, 1U);
  client.close();
  application.watch_ended.await();
}

TEST_F(Subscriptions, TellWhatWasAskedForAndNothingElse) {
  begin();
  net::Client client(*live);
  client.send(listen(R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]})"));
  client.read_until("\r\n\r\n");
  next_event(client);
  endpoint->list_changed(List::prompts);
  endpoint->list_changed(List::tools);
  const std::string meta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":7})";
  EXPECT_EQ(
      next_event(client),
      R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{)" + meta + "}}");
  application.sink->updated();
  EXPECT_EQ(next_event(client),
            R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{)" + meta +
                R"(,"uri":"test://a"}})");
}

TEST_F(Subscriptions, ManyChangesAreOneNotification) {
  begin();
  net::Client client(*live);
  client.send(listen(R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]})"));
  client.read_until("\r\n\r\n");
  next_event(client);
  live->on_loop([this] {
    for (int i = 0; i < 100; ++i) application.sink->updated();
  });
  settle();
  endpoint->list_changed(List::tools);
  EXPECT_NE(next_event(client).find("resources/updated"), std::string::npos);
  EXPECT_NE(next_event(client).find("tools/list_changed"), std::string::npos);
}

TEST_F(Subscriptions, EndInOrderWhenTheServerGoesDown) {
  begin();
  net::Client client(*live);
  client.send(listen("{}"));
  client.read_until("\r\n\r\n");
  next_event(client);
  endpoint->drain();
  EXPECT_EQ(next_event(client),
            R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":)"
            R"({"io.modelcontextprotocol/subscriptionId":7}}})");
  client.read_until("0\r\n\r\n");
  EXPECT_EQ(ask(listen("{}")).status, 503);
  EXPECT_EQ(endpoint->stats().subscriptions, 0U);
}

TEST_F(Subscriptions, NeedAFilterAndAStream) {
  begin();
  const auto without =
      ask(post(modern_body("subscriptions/listen"), modern_headers("subscriptions/listen")));
  EXPECT_EQ(without.status, 400);
  EXPECT_NE(without.body.find("-32602"), std::string::npos);
  EXPECT_EQ(ask(listen(R"({"resourceSubscriptions":[1]})")).status, 400);
  EXPECT_EQ(
      ask(http("POST", "Accept: application/json\r\n" + modern_headers("subscriptions/listen"),
               modern_body("subscriptions/listen", R"(,"notifications":{})")))
          .status,
      406);
}

TEST_F(Subscriptions, AreKeptAliveByComments) {
  options.heartbeat = 20;
  begin();
  net::Client client(*live);
  client.send(listen("{}"));
  client.read_until("\r\n\r\n");
  next_event(client);
  EXPECT_EQ(next_event(client), "(comment)");
  EXPECT_EQ(next_event(client), "(comment)");
}

}  // namespace
}  // namespace rogerthat::mcp
