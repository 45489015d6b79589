// An MCP server for tests: tools whose calls the test answers itself: the application, and what it
// has been told.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "live_server.h"
#include "mcp/application.h"

namespace rogerthat::mcp {

// Tells the test what became of a call.
class ToldParked final : public ReplyFate {
 public:
  explicit ToldParked(net::Signal& told) : told_(told) {}
  void cancelled() override { told_.raise("cancelled"); }
  void handed_over(bool confirmed) override {
    told_.raise(confirmed ? "confirmed" : "handed over");
  }
  void lost() override { told_.raise("lost"); }

 private:
  net::Signal& told_;
};

class TestState final : public SessionState {
 public:
  TestState(net::Signal& ended, const Millis& idle_limit) : ended_(ended), idle_(idle_limit) {}
  Millis idle_limit() const override { return idle_; }
  void ended() override { ended_.raise(); }

 private:
  net::Signal& ended_;
  const Millis& idle_;
};

// Tools: echo (answers at once), wait (a stream that the test answers), hold (the same without a
// stream), ask (asks for a name), region (repeats its arguments in headers), nothing (drops it).
class TestApplication final : public Application {
 public:
  TestApplication();

  const ServerInfo& info() const override { return info_; }
  const std::vector<Tool>& tools() const override { return tools_; }
  std::string_view resources() const override { return R"([{"uri":"test://a","name":"a"}])"; }
  std::unique_ptr<SessionState> begin_session(const Caller&) override {
    return std::make_unique<TestState>(session_ended, idle_limit);
  }
  std::optional<std::uint32_t> home(const Request& request) override;
  void call_tool(const Request& request, Reply call) override;
  void read_resource(const Request& request, Reply call) override;
  std::unique_ptr<Watch> watch(const Request& request, std::string_view uri,
                               std::shared_ptr<WatchSink> sink) override;

  // On the loop of the call that waits.
  Reply& waiting() { return waiting_; }
  void answer() {
    Reply call = std::move(waiting_);
    call.result(R"({"content":[]})");
  }
  void forget() { waiting_ = Reply(); }

  net::Signal arrived;  // a call waits
  net::Signal told;     // what became of it
  net::Signal session_ended;
  net::Signal watch_ended;
  Millis idle_limit = kHour;
  std::optional<std::uint32_t> home_shard;
  std::uint32_t ran_on = 99;
  std::shared_ptr<WatchSink> sink;
  bool has_parked = true;

 private:
  ServerInfo info_;
  std::vector<Tool> tools_;
  Reply waiting_;
};

}  // namespace rogerthat::mcp
