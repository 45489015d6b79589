// What the bridge tells of itself, and the tools that it offers: those of the hub's endpoint for
// all channels, out of the same table, so that they can be listed while the hub is away.
#pragma once

#include <vector>

#include "bridge/settings.h"
#include "mcp/application.h"

namespace rogerthat::bridge {

mcp::ServerInfo bridge_info(const Settings& settings);
std::vector<mcp::Tool> bridge_tools();

}  // namespace rogerthat::bridge
