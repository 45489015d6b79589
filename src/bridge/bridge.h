// `rogerthat mcp`: an MCP server on standard input and output in front of a hub. Its parts are put
// together here, and ended in order.
#pragma once

#include "bridge/settings.h"

namespace rogerthat::bridge {

int run(const Settings& settings);  // the exit code

}  // namespace rogerthat::bridge
