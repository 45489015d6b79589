// The bridge as an MCP server: the hub's own tools, passed on to the hub, with the handles of the
// channels that the client has joined filled in. It knows which channel a call is for, what is
// added to it, and what its answer changes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/joined_channel.h"
#include "bridge/settings.h"
#include "bridge/watches.h"
#include "client/link.h"
#include "mcp/application.h"

namespace rogerthat::bridge {

class Application final : public mcp::Application, public ChannelOwner {
 public:
  using Notify = std::function<void(std::string_view method, std::string_view params)>;

  Application(client::HubLink& link, net::Timers& timers, const Settings& settings);
  ~Application() override;

  void set_notify(Notify notify) { notify_ = std::move(notify); }
  // Leaves what is joined, as far as the hub answers within the time.
  void leave_all(Millis patience, std::function<void()> done);

  const mcp::ServerInfo& info() const override { return info_; }
  const std::vector<mcp::Tool>& tools() const override { return tools_; }
  std::string_view resource_templates() const override;
  std::unique_ptr<mcp::SessionState> begin_session(const mcp::Caller&) override;
  void call_tool(const mcp::Request& request, mcp::Reply reply) override;
  void read_resource(const mcp::Request& request, mcp::Reply reply) override;
  std::unique_ptr<mcp::Watch> watch(const mcp::Request& request, std::string_view uri,
                                    std::shared_ptr<mcp::WatchSink> sink) override;

  // From the channels.
  void push(const std::string& params) override;
  void happened(std::string_view channel, Happened what) override;
  void joined_at_start(const client::Channel& channel, std::string text) override;
  void statuses_wait(std::string_view channel) override;

 private:
  struct Run;
  class Running;
  using RunRef = std::shared_ptr<Run>;

  JoinedChannel* joined(std::string_view id) const;
  client::Channel* find(std::string_view id) const;
  client::Channel& add(const std::string& id);
  void remove(std::string_view id);
  client::Channel* current() const;
  std::string token_for(std::string_view channel) const;

  void choose_channel(Run& run);
  void pass_on(const RunRef& run);
  std::string tool_params(const Run& run) const;
  void join(const RunRef& run);
  void answered(const RunRef& run, const client::HubAnswer& answer);
  void took(const RunRef& run, const std::string& result_json);
  void bring(const RunRef& run, const JsonValue& result);
  void say_not_joined(const RunRef& run);
  void retry_after_rejoin(const RunRef& run);
  void list_channels(const RunRef& run);
  void finish(const RunRef& run, const std::string& result_json);
  void fail(const RunRef& run, std::string_view sentence);
  std::string take_notice();

  client::HubLink& link_;
  net::Timers& timers_;
  const Settings& settings_;
  const mcp::ServerInfo info_;
  const std::vector<mcp::Tool> tools_;
  Notify notify_;
  std::vector<std::unique_ptr<JoinedChannel>> channels_;  // the one joined last at the end
  std::unordered_map<std::string, std::string> tokens_;   // of channels that were created here
  std::shared_ptr<Watches> watches_ = std::make_shared<Watches>();
  std::vector<std::weak_ptr<Run>> receiving_;  // calls of listen and wait
  std::string notice_;                         // goes before the next tool's answer
  bool start_was_told_ = false;
};

}  // namespace rogerthat::bridge
