// The verb `rogerthat mcp`: an MCP server on standard input and output in front of a hub.
// Lives here: putting its parts together, and their end.
#pragma once

#include "cli/bridge_options.h"

namespace rogerthat::cli {

int run_bridge(const BridgeSettings& settings);

}  // namespace rogerthat::cli
