// The bridge as an MCP server: the hub's own tools, passed on to the hub, with the handles of the
// channels that the client has joined filled in. Lives here: which channel a call is for, what is
// added to it, and what its answer changes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/bridge_channel.h"
#include "cli/bridge_link.h"
#include "cli/bridge_options.h"
#include "cli/bridge_watches.h"
#include "mcp/application.h"

namespace rogerthat::cli {

class BridgeApplication final : public mcp::Application, public ChannelOwner {
 public:
  using Notify = std::function<void(std::string_view method, std::string_view params)>;

  BridgeApplication(HubLink& link, net::Timers& timers, const BridgeSettings& settings);
  ~BridgeApplication() override;

  void set_notify(Notify notify) { notify_ = std::move(notify); }
  // Leaves what is joined, as far as the hub answers within the time.
  void leave_all(Millis patience, std::function<void()> done);

  const mcp::ServerInfo& info() const override { return info_; }
  const std::vector<mcp::Tool>& tools() const override { return tools_; }
  std::string_view resource_templates() const override;
  std::unique_ptr<mcp::SessionState> begin_session(const mcp::Caller&) override;
  void call_tool(const mcp::Request& request, mcp::Call call) override;
  void read_resource(const mcp::Request& request, mcp::Call call) override;
  std::unique_ptr<mcp::Watch> watch(const mcp::Request& request, std::string_view uri,
                                    std::shared_ptr<mcp::WatchSink> sink) override;

  // From the channels.
  void push(const std::string& params) override;
  void happened(const BridgeChannel& channel, Happened what) override;
  void joined_at_start(const BridgeChannel& channel, std::string text) override;

 private:
  struct Run;
  class Running;
  using RunRef = std::shared_ptr<Run>;

  BridgeChannel* find(std::string_view id) const;
  BridgeChannel& add(const std::string& id);
  void remove(std::string_view id);
  BridgeChannel* current() const;
  std::string token_for(std::string_view channel) const;

  void choose_channel(Run& run);
  void pass_on(const RunRef& run);
  std::string tool_params(const Run& run) const;
  void join(const RunRef& run);
  void answered(const RunRef& run, const HubAnswer& answer);
  void took(const RunRef& run, const std::string& result_json);
  void retry_after_rejoin(const RunRef& run);
  void list_channels(const RunRef& run);
  void finish(const RunRef& run, const std::string& result_json);
  void fail(const RunRef& run, std::string_view sentence);
  std::string take_notice();

  HubLink& link_;
  net::Timers& timers_;
  const BridgeSettings& settings_;
  const mcp::ServerInfo info_;
  const std::vector<mcp::Tool> tools_;
  Notify notify_;
  std::vector<std::unique_ptr<BridgeChannel>> channels_;  // the one joined last at the end
  std::unordered_map<std::string, std::string> tokens_;   // of channels that were created here
  std::shared_ptr<BridgeWatches> watches_ = std::make_shared<BridgeWatches>();
  std::string notice_;  // goes before the next tool's answer
  bool start_was_told_ = false;
};

}  // namespace rogerthat::cli
