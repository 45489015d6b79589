// The legacy era over HTTP: handshake, sessions, what requests must carry, batches.
#include <fmt/format.h>

#include "live_endpoint.h"

namespace rogerthat::mcp {
namespace {

using Legacy = LiveEndpoint;

constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

TEST_F(Legacy, NegotiatesARevision) {
  begin();
  struct Row {
    const char* wanted;
    const char* got;
  };
  const Row rows[] = {
      {"2025-11-25", "2025-11-25"}, {"2025-06-18", "2025-06-18"}, {"2025-03-26", "2025-03-26"},
      {"2024-11-05", "2024-11-05"}, {"2024-10-07", "2025-11-25"}, {"2026-07-28", "2025-11-25"},
      {"nonsense", "2025-11-25"},
  };
  for (const Row& row : rows) {
    const net::Answer answer = ask(post(fmt::format(
        R"({{"jsonrpc":"2.0","id":"i","method":"initialize","params":{{"protocolVersion":"{}"}}}})",
        row.wanted)));
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(has(answer, fmt::format(R"("protocolVersion":"{}")", row.got))) << answer.body;
    EXPECT_TRUE(has(answer, R"("id":"i")"));
    EXPECT_TRUE(has(answer, R"("instructions":"For tests.")"));
    EXPECT_EQ(answer.header("Mcp-Session-Id").size(), 32U);
    // What a revision does not know of a server is not told to it.
    const std::string_view got = row.got;
    EXPECT_EQ(has(answer, R"("title":"Test")"), got >= "2025-06-18") << answer.body;
    EXPECT_EQ(has(answer, R"("websiteUrl")"), got >= "2025-11-25") << answer.body;
  }
  const net::Answer without = ask(post(R"({"jsonrpc":"2.0","id":1,"method":"initialize"})"));
  EXPECT_EQ(without.status, 400);
  EXPECT_TRUE(has(without, "-32602"));
}

TEST_F(Legacy, RequestsCarryTheirSession) {
  begin();
  const std::string session = session_line(open_session());
  struct Row {
    std::string headers;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {session, 200, ""},
      {session + "MCP-Protocol-Version: 2025-11-25\r\n", 200, ""},
      {session + "MCP-Protocol-Version: 2024-11-05\r\n", 200, ""},
      {session + "MCP-Protocol-Version: 1999-01-01\r\n", 400, "-32000"},
      {"", 400, "-32000"},
      {session_line("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 404, "-32001"},
      {session + "Authorization: Bearer x\r\n", 200, ""},
  };
  for (const Row& row : rows) {
    const net::Answer answer = ask(post(kPing, row.headers));
    EXPECT_EQ(answer.status, row.status) << row.headers;
    EXPECT_TRUE(*row.code == '\0' ? has(answer, R"("result":{})") : has(answer, row.code))
        << answer.body;
    EXPECT_TRUE(has(answer, R"("id":1)"));
  }
}

TEST_F(Legacy, ASessionBelongsToWhoOpenedIt) {
  begin();
  const std::string session =
      session_line(open_session("2025-11-25", "Authorization: Bearer secret\r\n"));
  EXPECT_EQ(ask(post(kPing, session + "Authorization: Bearer secret\r\n")).status, 200);
  EXPECT_EQ(ask(post(kPing, session + "Authorization: Bearer other\r\n")).status, 404);
  EXPECT_EQ(ask(post(kPing, session)).status, 404);
}

TEST_F(Legacy, DeleteEndsASession) {
  begin();
  const std::string session = session_line(open_session());
  EXPECT_EQ(endpoint->stats().sessions, 1U);
  EXPECT_EQ(ask(http("DELETE", session)).status, 200);
  application.session_ended.await();
  EXPECT_EQ(endpoint->stats().sessions, 0U);
  EXPECT_EQ(ask(http("DELETE", session)).status, 404);
  EXPECT_EQ(ask(post(kPing, session)).status, 404);
  EXPECT_EQ(ask(http("DELETE", "")).status, 400);
}

TEST_F(Legacy, JudgesTypes) {
  begin();
  const std::string session = session_line(open_session());
  struct Row {
    const char* headers;
    int status;
  };
  const Row rows[] = {
      {"", 200},
      {"Accept: */*\r\n", 200},
      {"Accept: application/json\r\n", 200},
      {"Accept: application/json;q=0.9, text/event-stream\r\n", 200},
      {"Accept: text/html\r\n", 406},
      {"Content-Type: application/json; charset=utf-8\r\n", 200},
      {"Content-Type: APPLICATION/JSON\r\n", 200},
      {"Content-Type: application/x-www-form-urlencoded\r\n", 415},
      {"Content-Type: text/plain\r\n", 415},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ask(http("POST", session + row.headers, kPing)).status, row.status) << row.headers;
  }
  const net::Answer events = ask(http("POST", session + "Accept: text/event-stream\r\n", kPing));
  EXPECT_EQ(events.header("Content-Type"), "text/event-stream");
  EXPECT_NE(events.body.find("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"),
            std::string::npos)
      << events.body;
  EXPECT_EQ(ask(http("GET", session + "Accept: application/json\r\n")).status, 406);
  EXPECT_EQ(ask(http("PUT", session, "{}")).status, 405);
  EXPECT_EQ(ask(http("PUT", session, "{}")).header("Allow"), "GET, POST, DELETE");
}

TEST_F(Legacy, RefusesWhatIsNoMessage) {
  begin();
  struct Row {
    const char* body;
    const char* error;
  };
  const Row rows[] = {
      {"{\"jsonrpc\":", R"("id":null,"error":{"code":-32700)"},
      {"", R"("id":null,"error":{"code":-32700)"},
      {R"({"jsonrpc":"2.0","id":3})", R"("id":3,"error":{"code":-32600)"},
      {R"(17)", R"("id":null,"error":{"code":-32600)"},
      {R"([])", R"("id":null,"error":{"code":-32600)"},
  };
  for (const Row& row : rows) {
    const net::Answer answer = ask(post(row.body));
    EXPECT_EQ(answer.status, 400) << row.body;
    EXPECT_TRUE(has(answer, row.error)) << answer.body;
  }
}

TEST_F(Legacy, NotificationsAndResponsesAreAccepted) {
  begin();
  const std::string session = session_line(open_session());
  for (const char* const body :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}})",
        R"({"jsonrpc":"2.0","method":"notifications/unheard_of"})",
        R"({"jsonrpc":"2.0","id":"server-1","result":{}})"}) {
    const net::Answer answer = ask(post(body, session));
    EXPECT_EQ(answer.status, 202) << body;
    EXPECT_TRUE(answer.body.empty());
  }
}

TEST_F(Legacy, ErrorsOfMethodsComeWith200) {
  begin();
  const std::string session = session_line(open_session());
  struct Row {
    const char* message;
    const char* error;
  };
  const Row rows[] = {
      {R"("method":"no/such")", "-32601"},
      {R"("method":"server/discover")", "-32601"},
      {R"("method":"tools/call","params":{"name":"no_such"})", "-32602"},
      {R"("method":"tools/call","params":{})", "-32602"},
      {R"("method":"tools/call","params":{"name":"echo","arguments":[]})", "-32602"},
      {R"("method":"tools/list","params":{"cursor":"x"})", "-32602"},
      {R"("method":"resources/read","params":{"uri":"test://none"})", "-32002"},
      {R"("method":"resources/subscribe","params":{"uri":"other://a"})", "-32002"},
      {R"("method":"resources/subscribe","params":{})", "-32602"},
      {R"("method":"prompts/get","params":{"name":"none"})", "-32602"},
      {R"("method":"logging/setLevel","params":{"level":"loud"})", "-32602"},
      {R"("method":"completion/complete","params":{})", "-32602"},
  };
  for (const Row& row : rows) {
    const net::Answer answer =
        ask(post(fmt::format(R"({{"jsonrpc":"2.0","id":5,{}}})", row.message), session));
    EXPECT_EQ(answer.status, 200) << row.message;
    EXPECT_TRUE(has(answer, fmt::format(R"("id":5,"error":{{"code":{})", row.error)))
        << row.message << answer.body;
  }
}

TEST_F(Legacy, BatchesBelongToOneRevision) {
  begin();
  const std::string batch = "[" + legacy_call("echo", 1) +
                            R"(,{"jsonrpc":"2.0","method":"notifications/initialized"},)"
                            R"({"jsonrpc":"2.0","id":2,"method":"ping"},{"id":3}])";
  for (const char* const revision : {"2025-11-25", "2025-06-18", "2024-11-05"}) {
    const net::Answer answer = ask(post(batch, session_line(open_session(revision))));
    EXPECT_EQ(answer.status, 400) << revision;
    EXPECT_TRUE(has(answer, "-32600")) << answer.body;
  }
  const std::string session = session_line(open_session("2025-03-26"));
  const net::Answer answer = ask(post(batch, session));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with("[{") && answer.body.ends_with("}]")) << answer.body;
  EXPECT_TRUE(has(answer, R"("id":1,"result":{"content")"));
  EXPECT_TRUE(has(answer, R"("id":2,"result":{})"));
  EXPECT_TRUE(has(answer, R"("id":null,"error":{"code":-32600)") ||
              has(answer, R"("id":3,"error":{"code":-32600)"))
      << answer.body;
  EXPECT_EQ(
      ask(post(R"([{"jsonrpc":"2.0","method":"notifications/initialized"}])", session)).status,
      202);
}

TEST_F(Legacy, ABatchIsAnsweredWhenItsLastCallIs) {
  begin();
  net::Client client(*live);
  client.send(post("[" + legacy_call("hold", 1) + "," + legacy_call("echo", 2) + "]",
                   session_line(open_session("2025-03-26"))));
  application.arrived.await();
  live->on_loop([this] { application.answer(); });
  const net::Answer answer = client.answer();
  EXPECT_TRUE(has(answer, R"("id":1)") && has(answer, R"("id":2)")) << answer.body;
  client.close();
  EXPECT_EQ(application.told.await(), "handed over");
}

TEST_F(Legacy, ABatchThatWasNeverSentIsLost) {
  begin();
  net::Client client(*live);
  client.send(post("[" + legacy_call("hold", 1) + "," + legacy_call("hold", 2) + "]",
                   session_line(open_session("2025-03-26"))));
  application.arrived.await();
  application.arrived.await();  // the second has replaced the first, which was dropped
  client.reset();
  EXPECT_EQ(application.told.await(), "lost");
  EXPECT_EQ(application.told.await(), "cancelled");
}

TEST_F(Legacy, SessionsAreBounded) {
  options.sessions = {.sessions_max = 3, .per_address_max = 2};
  server_options.trusted_proxies = {*net::IpNetwork::parse("127.0.0.0/8")};
  begin();
  const std::string first = open_session("2025-11-25", "X-Forwarded-For: 192.0.2.1\r\n");
  const std::string second = open_session("2025-11-25", "X-Forwarded-For: 192.0.2.1\r\n");
  // The address's own oldest goes.
  const std::string third = open_session("2025-11-25", "X-Forwarded-For: 192.0.2.1\r\n");
  application.session_ended.await();
  EXPECT_EQ(ask(post(kPing, session_line(first))).status, 404);
  EXPECT_EQ(ask(post(kPing, session_line(second))).status, 200);
  open_session("2025-11-25", "X-Forwarded-For: 192.0.2.2\r\n");
  // All are taken, and this address has none to give up.
  const net::Answer full = ask(post(
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})",
      "X-Forwarded-For: 192.0.2.3\r\n"));
  EXPECT_EQ(full.status, 503);
  EXPECT_FALSE(full.header("Retry-After").empty());
  EXPECT_EQ(endpoint->stats().sessions, 3U);
}

TEST_F(Legacy, ASessionWithAWaitingCallIsNotGivenUp) {
  options.sessions = {.sessions_max = 10, .per_address_max = 1};
  begin();
  net::Client waiting(*live);
  waiting.send(post(legacy_call("wait"), session_line(open_session())));
  application.arrived.await();
  const net::Answer refused = ask(post(
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})"));
  EXPECT_EQ(refused.status, 503);
}

TEST_F(Legacy, CallsOfASessionAreBounded) {
  begin();
  const std::string session = session_line(open_session());
  application.has_parked = false;
  std::vector<std::unique_ptr<net::Client>> clients;
  std::vector<Reply> calls;
  for (int i = 0; i < static_cast<int>(Session::kCallsMax); ++i) {
    clients.push_back(std::make_unique<net::Client>(*live));
    clients.back()->send(post(legacy_call("hold", i), session));
    application.arrived.await();
    live->on_loop([&] { calls.push_back(std::move(application.waiting())); });
  }
  EXPECT_EQ(endpoint->stats().calls, Session::kCallsMax);
  const net::Answer refused = ask(post(legacy_call("echo", 1000), session));
  EXPECT_TRUE(has(refused, "-32000")) << refused.body;
  live->on_loop([&] { calls.pop_back(); });
  EXPECT_TRUE(has(clients.back()->answer(), "-32603"));
  EXPECT_TRUE(has(ask(post(legacy_call("echo", 1000), session)), "result"));
  live->on_loop([&] { calls.clear(); });
}

TEST_F(Legacy, AnIdMayRunOnce) {
  begin();
  const std::string session = session_line(open_session());
  net::Client first(*live);
  first.send(post(legacy_call("hold", 5), session));
  application.arrived.await();
  Reply kept;
  live->on_loop([&] { kept = std::move(application.waiting()); });
  const net::Answer second = ask(post(legacy_call("hold", 5), session));
  EXPECT_TRUE(has(second, R"("id":5,"error":{"code":-32600)")) << second.body;
  EXPECT_EQ(application.told.await(), "cancelled");
  live->on_loop([&] { kept.result("{}"); });
  EXPECT_TRUE(has(first.answer(), R"("result":{})"));
}

TEST_F(Legacy, RequestsGoToTheirHome) {
  begin(2);
  const std::string session = session_line(open_session());
  for (const std::uint32_t home : {0U, 1U, 1U, 0U}) {
    application.home_shard = home;
    EXPECT_TRUE(has(ask(post(legacy_call("echo"), session)), "result"));
    EXPECT_EQ(application.ran_on, home);
    EXPECT_TRUE(has(ask(modern_call("echo")), "result"));
    EXPECT_EQ(application.ran_on, home);
  }
}

}  // namespace
}  // namespace rogerthat::mcp
