// The options of `rogerthat mcp`: their table, and what of them must fit together.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "bridge/settings.h"
#include "cli/option_sources.h"
#include "cli/options_text.h"

namespace rogerthat::cli {

using McpOptions = OptionsRead<bridge::Settings>;

// The error is for a person: what is wrong, where, and the remedy.
std::expected<McpOptions, std::string> read_mcp_options(std::span<const std::string> arguments,
                                                        Environment environment);
OptionRows mcp_rows();
OptionsPage mcp_page();

}  // namespace rogerthat::cli
