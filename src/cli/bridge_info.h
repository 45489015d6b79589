// What the bridge tells of itself, and the tools that it offers: those of the hub's endpoint for
// all channels, out of the same table, so that they can be listed while the hub is away.
#pragma once

#include <vector>

#include "cli/bridge_options.h"
#include "mcp/application.h"

namespace rogerthat::cli {

mcp::ServerInfo bridge_info(const BridgeSettings& settings);
std::vector<mcp::Tool> bridge_tools();

}  // namespace rogerthat::cli
