// The modern era over HTTP: what headers and body must say, and how results look.
#include "live_endpoint.h"

namespace rogerthat::mcp {
namespace {

using Modern = LiveEndpoint;

// Rows 1 to 14 of the rules for servers.
TEST_F(Modern, JudgesHeadersAgainstTheBody) {
  begin();
  struct Row {
    std::string headers;
    std::string body;
    int status;
    const char* code;  // "": a result
  };
  const std::string call = modern_body("tools/call", R"(,"name":"echo")");
  const std::string version = "MCP-Protocol-Version: 2026-07-28\r\n";
  const std::string method = "Mcp-Method: tools/call\r\n";
  const std::string name = "Mcp-Name: echo\r\n";
  std::string other_version = call;
  other_version.replace(other_version.find("2026-07-28"), 10, "v999.0.0  ");
  other_version.replace(other_version.find("v999.0.0  "), 10, "v999.0.0");
  const std::string no_capabilities =
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","_meta":)"
      R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
  const std::string no_version =
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","_meta":)"
      R"({"io.modelcontextprotocol/clientCapabilities":{}}}})";
  std::string number_as_version = call;
  number_as_version.replace(number_as_version.find("\"2026-07-28\""), 12, "20260728");
  const Row rows[] = {
      {version + method + name, call, 200, ""},
      {"mcp-protocol-version: 2026-07-28\r\nMCP-METHOD: tools/call\r\nmcp-name: echo\r\n", call,
       200, ""},
      {version + method + "Mcp-Name:   echo  \r\n", call, 200, ""},
      {version + method + "Mcp-Name: =?base64?ZWNobw==?=\r\n", call, 200, ""},
      {version + method + "Mcp-Name: =?base64?ZWNobw?=\r\n", call, 400, "-32020"},
      {version + method + "Mcp-Name: =?base64?ZWN!bw==?=\r\n", call, 400, "-32020"},
      {version + method + "Mcp-Name: other\r\n", call, 400, "-32020"},
      {version + method + "Mcp-Name: Echo\r\n", call, 400, "-32020"},
      {version + method, call, 400, "-32020"},
      {version + method + name + name, call, 400, "-32020"},
      {version + "Mcp-Method: tools/list\r\n" + name, call, 400, "-32020"},
      {version + "Mcp-Method: TOOLS/CALL\r\n" + name, call, 400, "-32020"},
      {version + name, call, 400, "-32020"},
      {method + name, call, 400, "-32020"},
      {"MCP-Protocol-Version: 2025-11-25\r\n" + method + name, call, 400, "-32020"},
      {version + method + name, other_version, 400, "-32020"},
      {"MCP-Protocol-Version: v999.0.0\r\n" + method + name, other_version, 400, "-32022"},
      {version + method + name, no_capabilities, 400, "-32602"},
      {version + method + name, no_version, 400, "-32602"},
      {version + method + name, legacy_call("echo"), 400, "-32602"},
      {version + method + name, number_as_version, 400, "-32602"},
  };
  for (const Row& row : rows) {
    const net::Answer answer = ask(post(row.body, row.headers));
    EXPECT_EQ(answer.status, row.status) << row.headers << row.body << answer.body;
    if (*row.code == '\0') {
      EXPECT_TRUE(has(answer, R"("result":)")) << row.headers << answer.body;
    } else {
      EXPECT_TRUE(has(answer, std::string(R"("error":{"code":)") + row.code)) << answer.body;
    }
    EXPECT_TRUE(has(answer, R"("id":7)")) << answer.body;
  }
}

TEST_F(Modern, JudgesHeadersThatRepeatArguments) {
  begin();
  struct Row {
    const char* arguments;
    const char* headers;
    bool fits;
  };
  const Row rows[] = {
      {R"({})", "", true},
      {R"({"region":null})", "", true},
      {R"({"region":"eu"})", "Mcp-Param-Region: eu\r\n", true},
      {R"({"region":"eu"})", "mcp-param-region:  eu \r\n", true},
      {R"({"region":"eu"})", "", false},
      {R"({"region":"eu"})", "Mcp-Param-Region: us\r\n", false},
      {R"({"region":"EU"})", "Mcp-Param-Region: eu\r\n", false},
      {R"({})", "Mcp-Param-Region: eu\r\n", false},
      {R"({"region":"Hello"})", "Mcp-Param-Region: =?base64?SGVsbG8=?=\r\n", true},
      {R"({"region":"Hello"})", "Mcp-Param-Region: =?base64?SGVsbG8?=\r\n", false},
      {R"({"region":"SGVsbG8="})", "Mcp-Param-Region: SGVsbG8=\r\n", true},
      {R"({"region":"=?base64?SGVsbG8="})", "Mcp-Param-Region: =?base64?SGVsbG8=\r\n", true},
      {R"({"count":42})", "Mcp-Param-Count: 42\r\n", true},
      {R"({"count":42})", "Mcp-Param-Count: 42.0\r\n", true},
      {R"({"count":42})", "Mcp-Param-Count: 43\r\n", false},
      {R"({"count":42})", "Mcp-Param-Count: 42x\r\n", false},
      {R"({"count":42})", "", false},
      {R"({"dry":true})", "Mcp-Param-Dry: true\r\n", true},
      {R"({"dry":true})", "Mcp-Param-Dry: True\r\n", false},
      {R"({"where":{"zone":"b"}})", "Mcp-Param-Zone: b\r\n", true},
      {R"({"where":{"zone":"b"}})", "", false},
      {R"({"where":{}})", "", true},
  };
  for (const Row& row : rows) {
    const std::string body =
        modern_body("tools/call", std::string(R"(,"name":"region","arguments":)") + row.arguments);
    const net::Answer answer =
        ask(post(body, modern_headers("tools/call", "region") + row.headers));
    EXPECT_EQ(answer.status, row.fits ? 200 : 400) << row.arguments << row.headers << answer.body;
    if (!row.fits) {
      EXPECT_TRUE(has(answer, "-32020")) << answer.body;
    }
  }
}

TEST_F(Modern, NamesTheVersionsItHas) {
  begin();
  std::string body = modern_body("tools/list");
  body.replace(body.find("2026-07-28"), 10, "1900-01-01");
  const net::Answer answer =
      ask(post(body, "MCP-Protocol-Version: 1900-01-01\r\nMcp-Method: tools/list\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(has(answer, R"("data":{"supported":["2026-07-28"],"requested":"1900-01-01"})"))
      << answer.body;
}

TEST_F(Modern, Answers404ToWhatThereIsNot) {
  begin();
  for (const std::string method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                                   "resources/unsubscribe", "no/such"}) {
    const net::Answer answer = ask(post(modern_body(method), modern_headers(method)));
    EXPECT_EQ(answer.status, 404) << method;
    EXPECT_TRUE(has(answer, R"("id":7,"error":{"code":-32601)")) << answer.body;
  }
  const net::Answer answer = ask(post(modern_body("initialize"), modern_headers("initialize")));
  EXPECT_TRUE(has(answer, R"("supported":["2026-07-28","2025-11-25")")) << answer.body;
}

TEST_F(Modern, TakesOneMessageAndNoResponses) {
  begin();
  const std::string headers = modern_headers("tools/list");
  EXPECT_EQ(ask(post("[" + modern_body("tools/list") + "]", headers)).status, 400);
  EXPECT_EQ(ask(post(R"({"jsonrpc":"2.0","id":1,"result":{}})", headers)).status, 400);
  const net::Answer answer =
      ask(post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{}})", headers));
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(answer.body.empty());
}

TEST_F(Modern, HasNeitherGetNorDelete) {
  begin();
  for (const char* const method : {"GET", "DELETE"}) {
    const net::Answer answer = ask(http(method, "MCP-Protocol-Version: 2026-07-28\r\n"));
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("Allow"), "POST");
  }
}

TEST_F(Modern, ResultsSayWhatTheyAre) {
  begin();
  const std::string meta =
      R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}})";
  const net::Answer discover = ask(
      post(modern_body("server/discover", {}, "{}", "\"d1\""), modern_headers("server/discover")));
  EXPECT_EQ(discover.status, 200);
  EXPECT_TRUE(has(discover, R"("id":"d1","result":{"resultType":"complete")")) << discover.body;
  EXPECT_TRUE(has(discover, R"("supportedVersions":["2026-07-28"])"));
  EXPECT_TRUE(has(discover, R"("ttlMs":3600000,"cacheScope":"public")"));
  EXPECT_TRUE(has(discover, meta));
  EXPECT_TRUE(discover.header("Mcp-Session-Id").empty());

  const net::Answer list = ask(post(modern_body("tools/list"), modern_headers("tools/list")));
  EXPECT_TRUE(has(list, R"("ttlMs":3600000,"cacheScope":"public")")) << list.body;
  const net::Answer call = ask(modern_call("echo"));
  EXPECT_TRUE(has(call, R"("resultType":"complete")"));
  EXPECT_TRUE(has(call, meta));
  EXPECT_FALSE(has(call, "ttlMs"));

  const net::Answer read = ask(post(modern_body("resources/read", R"(,"uri":"test://a")"),
                                    modern_headers("resources/read", "test://a")));
  EXPECT_TRUE(has(read, R"("ttlMs":0,"cacheScope":"private")")) << read.body;
  const net::Answer missing = ask(post(modern_body("resources/read", R"(,"uri":"test://b")"),
                                       modern_headers("resources/read", "test://b")));
  EXPECT_EQ(missing.status, 200);
  EXPECT_TRUE(has(missing, R"("code":-32602)"));
  EXPECT_TRUE(has(missing, R"("data":{"uri":"test://b"})"));
}

TEST_F(Modern, AnswersWhatAnApplicationDrops) {
  begin();
  const net::Answer answer = ask(modern_call("nothing"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(has(answer, R"("code":-32603)")) << answer.body;
}

TEST_F(Modern, AsksForInputInAResult) {
  begin();
  const net::Answer undeclared = ask(modern_call("ask"));
  EXPECT_EQ(undeclared.status, 400);
  EXPECT_TRUE(has(undeclared, R"("code":-32021)"));
  EXPECT_TRUE(has(undeclared, R"("data":{"requiredCapabilities":{"elicitation":{}}})"));

  const std::string capable = R"({"elicitation":{}})";
  const net::Answer asked = ask(modern_call("ask", {}, capable));
  EXPECT_TRUE(has(asked, R"("resultType":"input_required")")) << asked.body;
  EXPECT_TRUE(has(asked, R"("inputRequests":{"name":{"method":"elicitation/create","params":{)"));
  const std::size_t at = asked.body.find(R"("requestState":")") + 16;
  const std::string state = asked.body.substr(at, asked.body.find('"', at) - at);

  const std::string answers = R"(,"inputResponses":{"name":{"action":"accept"},"other":{}})";
  const auto with_state = [&](const std::string& text) {
    return ask(modern_call("ask", answers + R"(,"requestState":")" + text + "\"", capable));
  };
  const net::Answer done = with_state(state);
  EXPECT_TRUE(has(done, R"("state":"round one","answer":{"action":"accept"})")) << done.body;
  EXPECT_TRUE(has(with_state(state + "-TAMPERED"), "-32602"));
  EXPECT_TRUE(has(with_state(state.substr(1)), "-32602"));
  EXPECT_TRUE(has(with_state(""), "-32602"));
  // A state belongs to the request that it was given for.
  const net::Answer elsewhere =
      ask(modern_call("echo", R"(,"inputResponses":{},"requestState":")" + state + "\"", capable));
  EXPECT_TRUE(has(elsewhere, "-32602"));
  EXPECT_TRUE(has(ask(modern_call("ask", R"(,"inputResponses":{"name":5})", capable)), "-32602"));
  EXPECT_TRUE(has(ask(modern_call("ask", R"(,"inputResponses":null)", capable)), "input_required"));
}

TEST_F(Modern, ClosingTheStreamCancels) {
  begin();
  net::Client client(*live);
  client.send(modern_call("wait"));
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_NE(head.find("X-Accel-Buffering: no"), std::string::npos);
  application.arrived.await();
  client.close();
  EXPECT_EQ(application.told.await(), "cancelled");
  live->on_loop([this] {
    EXPECT_FALSE(application.waiting().open());
    application.answer();
  });
  EXPECT_FALSE(application.told.raised());
}

TEST_F(Modern, AStreamedAnswerIsHandedOverOnce) {
  begin();
  net::Client client(*live);
  client.send(modern_call("wait"));
  application.arrived.await();
  live->on_loop([this] { application.answer(); });
  client.read_until("\r\n\r\n");
  const std::string event = next_event(client);
  EXPECT_NE(event.find(R"("resultType":"complete")"), std::string::npos) << event;
  client.read_until("0\r\n\r\n");
  EXPECT_FALSE(application.told.raised());
  client.send(modern_call("echo"));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(application.told.await(), "confirmed");
  client.close();
  live->on_loop([] {});
  EXPECT_FALSE(application.told.raised());
}

TEST_F(Modern, AnAnswerThatDidNotArriveIsLost) {
  begin();
  net::Client client(*live);
  client.send(modern_call("wait"));
  application.arrived.await();
  live->on_loop([this] {
    Reply call = std::move(application.waiting());
    call.result(R"({"content":")" + std::string(8 << 20, 'x') + "\"}");
  });
  client.reset();
  EXPECT_EQ(application.told.await(), "lost");
}

TEST_F(Modern, LogsOnlyWhatWasAskedFor) {
  begin();
  net::Client client(*live);
  client.send(modern_call("wait"));
  application.arrived.await();
  live->on_loop([this] {
    application.waiting().log(LogLevel::error, "test", "\"unwanted\"");
    application.answer();
  });
  client.read_until("\r\n\r\n");
  EXPECT_NE(next_event(client).find("\"result\""), std::string::npos);

  std::string request = modern_body("tools/call", R"(,"name":"wait")");
  request.insert(request.find("{\"io.") + 1, R"("io.modelcontextprotocol/logLevel":"warning",)");
  net::Client second(*live);
  second.send(post(request, modern_headers("tools/call", "wait")));
  application.arrived.await();
  live->on_loop([this] {
    application.waiting().log(LogLevel::info, "test", "\"low\"");
    application.waiting().log(LogLevel::error, "test", "\"high\"");
    application.answer();
  });
  second.read_until("\r\n\r\n");
  EXPECT_NE(next_event(second).find(R"("level":"error","logger":"test","data":"high")"),
            std::string::npos);
  EXPECT_NE(next_event(second).find("\"result\""), std::string::npos);
}

TEST_F(Modern, WithoutAcceptingEventsAnAnswerIsJson) {
  begin();
  net::Client client(*live);
  client.send(http("POST", modern_headers("tools/call", "wait"),
                   modern_body("tools/call", R"(,"name":"wait")")));
  application.arrived.await();
  live->on_loop([this] { application.answer(); });
  const net::Answer answer = client.answer();
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  client.close();
  EXPECT_EQ(application.told.await(), "handed over");
}

}  // namespace
}  // namespace rogerthat::mcp
