// The options of a verb as text: --help, docs/options.md and --print-config. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/option_sources.h"

namespace rogerthat::cli {

// What is said of a verb and its options.
struct OptionsPage {
  std::string_view verb;
  OptionRows rows;
  std::string_view intro;  // of --help, to the end of its last line
  std::string_view outro;
  std::string_view file;  // for docs/options.md: which file may hold them
};

std::string help_text(const OptionsPage& page);
std::string options_markdown(std::span<const OptionsPage> pages);  // the whole page
// A configuration file that would give the same; where each value came from as a comment.
std::string printed_config(const OptionRows& rows, std::span<const Given> given);

}  // namespace rogerthat::cli
