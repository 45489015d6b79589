// The option table as text: --help, docs/options.md and --print-config. Pure.
#pragma once

#include <string>

#include "cli/options.h"

namespace rogerthat::cli {

std::string serve_help();
std::string options_markdown();  // the whole page
// A configuration file that would give the same; where each value came from as a comment.
std::string printed_config(const Options& options);

}  // namespace rogerthat::cli
