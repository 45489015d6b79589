// The hub as an MCP server: one application for /mcp and one for /mcp/<channel>. What a
// client is told of the server, and the way from a request of the protocol to a row of the table of
// tools.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/tools/table.h"
#include "mcp/application.h"

namespace rogerthat::api {

class McpApplication final : public mcp::Application {
 public:
  McpApplication(const Services& services, McpEndpoint endpoint);

  const mcp::ServerInfo& info() const override { return info_; }
  const std::vector<mcp::Tool>& tools() const override { return tools_; }
  std::string_view resource_templates() const override;

  std::unique_ptr<mcp::SessionState> begin_session(const mcp::Caller& caller) override;
  std::optional<std::uint32_t> home(const mcp::Request& request) override;
  void call_tool(const mcp::Request& request, mcp::Reply reply) override;
  void read_resource(const mcp::Request& request, mcp::Reply reply) override;
  std::unique_ptr<mcp::Watch> watch(const mcp::Request& request, std::string_view uri,
                                    std::shared_ptr<mcp::WatchSink> sink) override;

 private:
  const Services& services_;
  const mcp::ServerInfo info_;
  const ToolRow& row_of(const mcp::Tool& tool) const;

  const std::vector<const ToolRow*> rows_;
  const std::vector<mcp::Tool> tools_;  // as they are told, in the order of rows_
};

// What models read before anything else; its first 512 characters say the whole idea.
std::string mcp_instructions(McpEndpoint endpoint);

}  // namespace rogerthat::api
