// The options of `rogerthat serve`: their table, and what of them must fit together.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "cli/option_sources.h"
#include "cli/options_text.h"
#include "cli/settings.h"

namespace rogerthat::cli {

using ServeOptions = OptionsRead<Settings>;

// The error is for a person: what is wrong, where, and the remedy.
std::expected<ServeOptions, std::string> read_serve_options(std::span<const std::string> arguments,
                                                            Environment environment);
OptionRows serve_rows();
OptionsPage serve_page();

}  // namespace rogerthat::cli
