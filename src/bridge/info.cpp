#include "bridge/info.h"

#include <string>

#include <fmt/format.h>

#include "api/tools/application.h"
#include "api/tools/table.h"
#include "base/version.h"

namespace rogerthat::bridge {

namespace {

std::string instructions(const Settings& settings) {
  std::string text(api::mcp_instructions(api::McpEndpoint::all_channels));
  text +=
      "\n- This connection keeps your handles: leave channel_id and session out, or name the "
      "channel when you are on several. A further join leaves no channel.\n"
      "- Messages may also be pushed to you as they come (claude/channel). A push is a hint: the "
      "same message, with the same id, still comes with the next listen or wait, which is what "
      "confirms it. Answer with send, reply_to set to the id in its meta.";
  if (!settings.channel.empty()) {
    text +=
        fmt::format("\n- The channel {} is joined for you at the start{}: do not join it again.",
                    settings.channel, settings.callsign.empty() ? "" : ", as " + settings.callsign);
  }
  return text;
}

}  // namespace

mcp::ServerInfo bridge_info(const Settings& settings) {
  mcp::ServerInfo info;
  info.name = "rogerthat";
  info.title = "RogerThat";
  info.version = version();
  info.instructions = instructions(settings);
  info.legacy_capabilities =
      R"({"tools":{},"resources":{"subscribe":true},"experimental":{"claude/channel":{}}})";
  info.modern_capabilities = "{}";
  return info;
}

std::vector<mcp::Tool> bridge_tools() {
  std::vector<mcp::Tool> tools;
  for (const api::ToolRow& row : api::tool_rows()) {
    if (!api::has_tool(api::McpEndpoint::all_channels, row)) continue;
    tools.push_back({std::string(row.name), api::tool_json(row, api::McpEndpoint::all_channels)});
  }
  return tools;
}

}  // namespace rogerthat::bridge
