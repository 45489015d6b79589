// The endpoint over pipes: what comes back for what is written, and when it ends.
#include "mcp/stdio_endpoint.h"

#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/timers.h"

namespace rogerthat::mcp {
namespace {

constexpr Millis kPatience = 20 * kSecond;

// `wait` waits until the test answers it, `fill` answers much, `ask` asks the client.
class EchoingApplication final : public Application {
 public:
  struct Waiting final : ReplyFate {
    explicit Waiting(EchoingApplication& to) : application(to) {}
    void cancelled() override { application.heard += " cancelled"; }
    void handed_over(bool) override { application.heard += " handed-over"; }
    void lost() override { application.heard += " lost"; }
    EchoingApplication& application;
  };

  const ServerInfo& info() const override { return info_; }
  const std::vector<Tool>& tools() const override { return tools_; }
  void call_tool(const Request& request, Reply call) override {
    if (request.name == "wait" || request.name == "work") {
      if (request.name == "wait") call.stream_now();
      call.park(std::make_unique<Waiting>(*this));
      waiting = std::move(call);
    } else if (request.name == "fill") {
      call.result("{\"content\":[],\"filler\":\"" + std::string(100'000, 'x') + "\"}");
    } else if (request.inputs) {
      call.result(R"({"content":[],"isError":false})");
    } else {
      call.need_input({{"roots", "roots/list", "{}"}}, "");
    }
    if (called) called();
  }
  std::unique_ptr<Watch> watch(const Request&, std::string_view,
                               std::shared_ptr<WatchSink> to) override {
    sink = std::move(to);
    return std::make_unique<Watch>();
  }

  Reply waiting;
  std::shared_ptr<WatchSink> sink;
  std::string heard;
  std::function<void()> called;

 private:
  ServerInfo info_{.name = "test",
                   .title = "",
                   .version = "1",
                   .website_url = "",
                   .instructions = "",
                   .legacy_capabilities = "{}",
                   .modern_capabilities = "{}"};
  std::vector<Tool> tools_ = {{.name = "wait", .json = R"({"name":"wait"})"},
                              {.name = "work", .json = R"({"name":"work"})"},
                              {.name = "fill", .json = R"({"name":"fill"})"},
                              {.name = "ask", .json = R"({"name":"ask"})"}};
};

class StdioEndpointTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(pipe2(to_server, O_CLOEXEC), 0);
    ASSERT_EQ(pipe2(to_client, O_CLOEXEC), 0);
    fcntl(to_client[0], F_SETFL, O_NONBLOCK);
    begin();
  }
  void TearDown() override {
    endpoint.reset();
    for (const int fd : {to_server[0], to_server[1], to_client[0], to_client[1]}) {
      if (fd >= 0) close(fd);
    }
  }
  void begin() {
    endpoint.reset();
    endpoint = std::make_unique<StdioEndpoint>(
        loop, to_server[0], to_client[1], application, nullptr,
        [this] {
          has_ended = true;
          loop.stop();
        },
        limits);
    endpoint->start();
  }
  void run_until(const std::function<bool()>& done) {
    const auto patience = timers.after(kPatience, [this] {
      ADD_FAILURE() << "awaited in vain; read so far: " << read_;
      give_up = true;
    });
    do {
      const auto soon = timers.after(1, [this] { loop.stop(); });
      loop.run();
      timers.cancel(soon);
      drain();
    } while (!done() && !give_up);
    timers.cancel(patience);
  }
  void say(const std::string& line) {
    const std::string whole = line + "\n";
    ASSERT_EQ(write(to_server[1], whole.data(), whole.size()), static_cast<ssize_t>(whole.size()));
  }
  void drain() {
    if (hold) return;
    char bytes[64 << 10];
    for (ssize_t got = 0; (got = read(to_client[0], bytes, sizeof bytes)) > 0;) {
      read_.append(bytes, static_cast<std::size_t>(got));
    }
  }
  // The next whole line that the endpoint has written.
  std::string line() {
    run_until([this] { return read_.find('\n') != std::string::npos; });
    const auto end = read_.find('\n');
    std::string first = read_.substr(0, end);
    read_.erase(0, end + 1);
    return first;
  }
  void expect_silence() {
    say(R"({"jsonrpc":"2.0","id":"silence","method":"ping"})");
    EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":"silence","result":{}})");
  }
  void initialize(const std::string& revision = "2025-11-25") {
    say(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
        revision + R"(","capabilities":{"roots":{}},"clientInfo":{"name":"t","version":"1"}}})");
    EXPECT_NE(line().find("\"protocolVersion\":\"" + revision + "\""), std::string::npos);
    say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }
  static std::string call(int id, const std::string& tool, const std::string& meta = "") {
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
           R"(,"method":"tools/call","params":{"name":")" + tool + "\"" + meta + "}}";
  }
  void hang_up() { close(std::exchange(to_server[1], -1)); }

  net::Loop loop;
  net::Timers timers{loop};
  StdioLimits limits;
  EchoingApplication application;
  std::unique_ptr<StdioEndpoint> endpoint;
  int to_server[2] = {-1, -1};
  int to_client[2] = {-1, -1};
  std::string read_;
  bool has_ended = false;
  bool hold = false;
  bool give_up = false;
};

TEST_F(StdioEndpointTest, AnswersLineByLine) {
  initialize();
  say(R"({"jsonrpc":"2.0","id":1,"method":"ping"})"
      "\r\n\n   ");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  say(R"({"jsonrpc":"2.0","id":"two","method":"tools/list"})");
  EXPECT_EQ(line(),
            R"({"jsonrpc":"2.0","id":"two","result":{"tools":[{"name":"wait"},{"name":"work"},)"
            R"({"name":"fill"},{"name":"ask"}]}})");
  EXPECT_TRUE(endpoint->initialized());
}

TEST_F(StdioEndpointTest, TheProbeOfANewerClientIsRefusedAtOnce) {
  say(R"({"jsonrpc":"2.0","id":"p","method":"server/discover","params":{"_meta":)"
      R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":"p","error":{"code":-32601,"message":"There is no )"
                    R"(method \"server/discover\" here: begin with initialize, revision )"
                    R"(2025-11-25."}})");
  initialize();
}

TEST_F(StdioEndpointTest, NothingButPingGoesBeforeInitialize) {
  say(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  say(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"Send initialize )"
                    R"(first."}})");
  say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  initialize();
  say(R"({"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocolVersion":"x"}})");
  EXPECT_NE(line().find("initialized already"), std::string::npos);
}

TEST_F(StdioEndpointTest, WhatIsNoMessageIsRefused) {
  initialize();
  say("not json");
  EXPECT_NE(line().find("\"id\":null,\"error\":{\"code\":-32700"), std::string::npos);
  say(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])");
  EXPECT_NE(line().find("Batches are not part of this revision"), std::string::npos);
  say(R"({"id":7,"method":"ping"})");
  EXPECT_NE(line().find("\"id\":7,\"error\":{\"code\":-32600"), std::string::npos);
  expect_silence();
}

TEST_F(StdioEndpointTest, BatchesWhereTheRevisionHasThem) {
  initialize("2025-03-26");
  say(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"},3])");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":2,"result":{}})");
  EXPECT_NE(line().find("-32600"), std::string::npos);
}

TEST_F(StdioEndpointTest, ALineThatIsTooLongIsSkipped) {
  limits.line_bytes_max = 1000;
  begin();
  initialize();
  say(std::string(5000, 'x'));
  EXPECT_NE(line().find("must not be longer than 1000 bytes"), std::string::npos);
  expect_silence();
}

TEST_F(StdioEndpointTest, ACallThatWaitsTellsItsProgress) {
  limits.heartbeat = 5;
  begin();
  initialize();
  say(call(1, "wait", R"(,"_meta":{"progressToken":"t"})"));
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                    R"({"progressToken":"t","progress":0,"message":"Still waiting."}})");
  application.waiting.result(R"({"content":[]})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  EXPECT_EQ(application.heard, " handed-over");
}

TEST_F(StdioEndpointTest, ACancelledCallIsNotAnswered) {
  initialize();
  say(call(1, "wait"));
  say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  run_until([this] { return application.heard == " cancelled"; });
  application.waiting.result(R"({"content":[]})");
  expect_silence();
}

TEST_F(StdioEndpointTest, TheClientCanBeAsked) {
  initialize();
  say(call(1, "ask"));
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":"server-1","method":"roots/list","params":{}})");
  say(R"({"jsonrpc":"2.0","id":"server-1","result":{"roots":[]}})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":false}})");
}

TEST_F(StdioEndpointTest, NotificationsWaitForTheClient) {
  limits.notes_kept_max = 2;
  begin();
  for (const char* n : {"1", "2", "3"}) endpoint->notify("notifications/x", n);
  expect_silence();
  initialize();
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","method":"notifications/x","params":2})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","method":"notifications/x","params":3})");
  endpoint->notify("notifications/x", "4");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","method":"notifications/x","params":4})");
}

TEST_F(StdioEndpointTest, WatchedResourcesAreTold) {
  initialize();
  say(R"({"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"a:b"}})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  application.sink->updated();
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":)"
                    R"({"uri":"a:b"}})");
}

TEST_F(StdioEndpointTest, AClientThatDoesNotReadIsReadNoFurther) {
  initialize();
  hold = true;
  std::size_t calls = 0;
  application.called = [&] { ++calls; };
  for (int i = 1; i <= 400; ++i) say(call(i, "fill"));  // all of them fit into the pipe
  run_until([&] { return calls > 0; });
  for (int rounds = 0; rounds < 20; ++rounds) run_until([] { return true; });
  EXPECT_LT(calls, 40U) << "40 answers are far more than may wait";
  for (int i = 0; i < 100; ++i) endpoint->notify("notifications/x", "{}");

  hold = false;
  for (int i = 1; i <= 400; ++i) {
    std::string answer = line();
    if (answer.find("notifications/x") != std::string::npos) {
      ADD_FAILURE() << "told to a client that does not read";
      break;
    }
    EXPECT_TRUE(answer.starts_with(R"({"jsonrpc":"2.0","id":)" + std::to_string(i) + ","));
    EXPECT_TRUE(answer.ends_with("x\"}}"));
  }
}

TEST_F(StdioEndpointTest, EndsWithItsClient) {
  initialize();
  hang_up();
  run_until([this] { return has_ended; });
}

TEST_F(StdioEndpointTest, WhatWaitsEndsWithTheClientAtOnce) {
  limits.last_calls = kPatience * 2;
  begin();
  initialize();
  say(call(1, "wait"));
  hang_up();
  run_until([this] { return has_ended; });
  EXPECT_EQ(application.heard, " cancelled");
}

TEST_F(StdioEndpointTest, WhatWorksIsStillAnswered) {
  initialize();
  application.called = [this] { hang_up(); };
  say(call(1, "work"));
  run_until([this] { return to_server[1] < 0; });
  application.waiting.result(R"({"content":[]})");
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  run_until([this] { return has_ended; });
  EXPECT_EQ(application.heard, " handed-over");
}

TEST_F(StdioEndpointTest, ButNotForEver) {
  limits.last_calls = 10;
  begin();
  initialize();
  say(call(1, "work"));
  hang_up();
  run_until([this] { return has_ended; });
  EXPECT_EQ(application.heard, " cancelled");
}

TEST_F(StdioEndpointTest, EndsWhenNobodyReads) {
  initialize();
  say(call(1, "work"));
  run_until([this] { return application.waiting.open(); });
  close(std::exchange(to_client[0], -1));
  application.waiting.result(R"({"content":[]})");
  hold = true;
  run_until([this] { return has_ended; });
  EXPECT_EQ(application.heard, " lost");
}

TEST_F(StdioEndpointTest, ReadsAPlainFile) {
  char name[] = "/tmp/rogerthat-stdio-XXXXXX";
  const int file = mkstemp(name);
  unlink(name);
  const std::string text = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";  // no line break
  ASSERT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  lseek(file, 0, SEEK_SET);
  close(to_server[0]);
  to_server[0] = file;
  begin();
  EXPECT_EQ(line(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  run_until([this] { return has_ended; });
}

TEST_F(StdioEndpointTest, GivesTheDescriptorsBackAsTheyWere) {
  EXPECT_NE(fcntl(to_server[0], F_GETFL) & O_NONBLOCK, 0);
  endpoint.reset();
  EXPECT_EQ(fcntl(to_server[0], F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(fcntl(to_client[1], F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace
}  // namespace rogerthat::mcp
