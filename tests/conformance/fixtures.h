// All fixtures as one application for the protocol layer: the tables put together and the way from
// a name to its fixture.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fixture.h"
#include "mcp/application.h"

namespace rogerthat::conformance {

class Fixtures final : public mcp::Application {
 public:
  explicit Fixtures(Surroundings& around);

  const mcp::ServerInfo& info() const override { return info_; }
  const std::vector<mcp::Tool>& tools() const override { return tools_; }
  std::string_view prompts() const override { return prompts_; }
  std::string_view resources() const override { return resources_; }
  std::string_view resource_templates() const override { return resource_templates_; }

  void call_tool(const mcp::Request& request, mcp::Reply call) override;
  void read_resource(const mcp::Request& request, mcp::Reply call) override;
  void get_prompt(const mcp::Request& request, mcp::Reply call) override;
  void complete(const mcp::Request& request, mcp::Reply call) override;
  std::unique_ptr<mcp::Watch> watch(const mcp::Request& request, std::string_view uri,
                                    std::shared_ptr<mcp::WatchSink> sink) override;

 private:
  using Runs = std::map<std::string, Run, std::less<>>;

  void add(std::vector<ToolFixture> fixtures);

  Surroundings& around_;
  mcp::ServerInfo info_;
  std::vector<mcp::Tool> tools_;
  std::string prompts_;
  std::string resources_;
  std::string resource_templates_;
  Runs tool_runs_;
  Runs prompt_runs_;
};

}  // namespace rogerthat::conformance
