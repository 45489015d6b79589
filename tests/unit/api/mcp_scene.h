// A hub in memory with the MCP application in front of it, on one thread, for tests that read like
// a conversation of tool calls: the shortest way to call a tool as somebody and to read what it
// answers.
#pragma once

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/tools/application.h"
#include "mcp/running_call.h"
#include "mcp/session.h"
#include "net/loop.h"

namespace rogerthat::api {

// Says at once that everything is on disk, and keeps nothing.
class InstantStore final : public store::Store {
 public:
  bool refuses_records = false;  // the disk is full just when accounts and the like come
  Result<void> load(store::Recovery& recovery) override {
    recovery.numbers({}, 0, 0);
    return {};
  }
  void start(store::Listener& listener) override { listener_ = &listener; }
  void append(store::Batch batch) override {
    if (refuses_records && !batch.records.empty()) return listener_->failing("full");
    listener_->committed(batch.shard, batch.ticket);
  }
  void flush() override {}
  Result<std::vector<core::TranscriptEntry>> transcript(core::ChannelNo, std::size_t) override {
    return {};
  }
  Result<void> probe() override { return {}; }
  store::StoreStats stats() override { return {}; }

 private:
  store::Listener* listener_ = nullptr;
};

// The protocol's side of a call, which only remembers.
class RecordedCall final : public mcp::RunningCall {
 public:
  using RunningCall::RunningCall;
  void stream_now() override { streamed = true; }
  bool acknowledged() const override { return acknowledge; }

  std::string answer;  // the JSON-RPC message; empty: none yet
  bool streamed = false;
  bool acknowledge = false;

 protected:
  void send_answer(std::string_view message, std::optional<mcp::ErrorCode>) override {
    answer = message;
  }
  bool send_note(std::string_view, Note) override { return true; }
};

// Who calls: an endpoint, credentials, and a legacy session or none.
struct Agent {
  std::shared_ptr<McpCaller> caller;
  std::shared_ptr<mcp::Session> session;
};

class McpScene : public testing::Test {
 protected:
  explicit McpScene(ApiOptions with = {}) : options(std::move(with)) {
    services.loops.push_back(&loop);
    hub.start([](const Error& error) { FAIL() << error.message; });
    while (!hub.ready()) run();
  }

  // The connections of a test end with it: a call knows what waits behind it until then.
  void TearDown() override {
    for (const auto& call : begun) {
      if (call->open()) call->cancel();
      call->lost();
    }
  }

  // What has been posted to the one shard, until nothing is left.
  void run() {
    hub.shard(0).set_now(read_clocks());
    for (;;) {
      hub.shard(0).flush();
      std::unique_lock lock(mutex);
      if (jobs.empty()) return;
      auto job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
    }
  }

  Agent stateless(std::string channel = {}, std::string authorization = {}) {
    Agent agent{std::make_shared<McpCaller>(services), nullptr};
    agent.caller->origin = "http://127.0.0.1:7424";
    agent.caller->channel = std::move(channel);
    agent.caller->authorization = std::move(authorization);
    agent.caller->limited = limited;
    return agent;
  }
  Agent legacy(std::string channel = {}) {
    Agent agent = stateless(std::move(channel));
    agent.session = std::make_shared<mcp::Session>(
        fmt::format("mcp-session-{}", ++sessions), mcp::SessionOwner(), mcp::kLatestLegacy,
        mcp::ClientCapabilities(), application(agent).begin_session(*agent.caller));
    return agent;
  }
  McpApplication& application(const Agent& agent) {
    return agent.caller->channel.empty() ? all_channels : one_channel;
  }

  // A call that may not be answered yet.
  std::shared_ptr<RecordedCall> begin(const Agent& agent, std::string_view tool,
                                      const std::string& arguments) {
    mcp::CallOrigin origin;
    origin.application = &application(agent);
    origin.loop = &loop;
    origin.era = agent.session ? mcp::Era::legacy : mcp::Era::modern;
    origin.revision = agent.session ? mcp::kLatestLegacy : mcp::kModernRevision;
    origin.session = agent.session;
    origin.caller = agent.caller;
    auto call = std::make_shared<RecordedCall>(origin, "1");
    begun.push_back(call);
    const auto parsed = JsonDocument::parse(arguments);
    EXPECT_TRUE(parsed) << arguments;
    mcp::Request request;
    request.era = origin.era;
    request.revision = origin.revision;
    request.session = agent.session.get();
    request.caller = agent.caller;
    request.method = "tools/call";
    request.name = tool;
    request.arguments = *parsed;
    const auto& tools = application(agent).tools();
    request.tool = &*std::ranges::find(tools, tool, &mcp::Tool::name);
    application(agent).call_tool(request, mcp::Reply(call));
    run();
    return call;
  }

  struct Outcome {
    bool failed = false;
    std::string text;
    std::string structured;
  };
  static Outcome read(const RecordedCall& call) {
    Outcome out;
    const auto message = JsonDocument::parse(call.answer);
    EXPECT_TRUE(message) << call.answer;
    if (!message) return out;
    const auto result = message->find("result");
    EXPECT_TRUE(result) << call.answer;
    if (!result) return out;
    const auto error = result->find("isError");
    out.failed = error && error->boolean();
    result->find("content")->each_item([&](JsonValue block) {
      if (block.find("type")->string() == "text") out.text += block.find("text")->string();
    });
    const std::size_t at = call.answer.find("\"structuredContent\":");
    if (at != std::string::npos) out.structured = call.answer.substr(at + 20);
    return out;
  }
  Outcome call(const Agent& agent, std::string_view tool, const std::string& arguments = "{}") {
    const auto made = begin(agent, tool, arguments);
    EXPECT_FALSE(made->answer.empty()) << tool << " waits: " << arguments;
    return made->answer.empty() ? Outcome() : read(*made);
  }

  // What stands behind a key of the structured content, as a string.
  static std::string field(const Outcome& outcome, const std::string& name) {
    const std::string key = '"' + name + "\":\"";
    const std::size_t at = outcome.structured.find(key);
    if (at == std::string::npos) return {};
    const std::size_t start = at + key.size();
    return outcome.structured.substr(start, outcome.structured.find('"', start) - start);
  }

  struct Channel {
    std::string id, token;
  };
  Channel channel(const std::string& arguments = "{}") {
    const Outcome made = call(stateless(), "create_channel", arguments);
    EXPECT_FALSE(made.failed) << made.text;
    return {field(made, "channel_id"), field(made, "join_token")};
  }
  // Joins; the answer is the handle.
  std::string join(const Agent& agent, const Channel& where, const std::string& callsign) {
    const Outcome joined = call(agent, "join",
                                fmt::format(R"({{"channel_id":"{}","token":"{}","callsign":"{}"}})",
                                            where.id, where.token, callsign));
    EXPECT_FALSE(joined.failed) << joined.text;
    return field(joined, "session_id");
  }
  static std::string handles(const Channel& where, const std::string& session,
                             const std::string& more = {}) {
    return fmt::format(R"({{"channel_id":"{}","session":"{}"{}}})", where.id, session, more);
  }

  bool limited = false;
  ApiOptions options;
  net::Loop loop;
  std::mutex mutex;
  std::deque<std::move_only_function<void()>> jobs;
  InstantStore store;
  store::EventCodec codec{Digest{}};
  hub::Hub hub{hub::HubOptions{.bands = {"general"}, .limits = {}}, store, codec,
               [this](std::uint32_t, std::move_only_function<void()> job) {
                 const std::lock_guard lock(mutex);
                 jobs.push_back(std::move(job));
               }};
  watch::RequestCounters counters{1, {}};
  Services services{options, hub,     counters, SessionIds(sha256("key")),
                    {},      nullptr, nullptr,  read_clocks()};
  McpApplication all_channels{services, McpEndpoint::all_channels};
  McpApplication one_channel{services, McpEndpoint::one_channel};
  std::vector<std::shared_ptr<RecordedCall>> begun;
  int sessions = 0;
};

}  // namespace rogerthat::api
