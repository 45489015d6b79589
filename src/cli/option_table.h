// The one declared table of options of `serve`. Flags, environment names, keys of the configuration
// file, --help, docs/options.md, --print-config and error sentences all come from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/option_values.h"
#include "cli/settings.h"

namespace rogerthat::cli {

enum class OptionKind : std::uint8_t {
  flag,    // --name, --name=false; true or false in the file
  number,  // bare in the file where it has no unit
  text,
  list,  // repeated flag, array in the file, commas in the environment; "none" is the empty list
};

struct Option {
  std::string_view section;
  std::string_view name;  // the flag without its dashes, and the key in the file
  std::string_view placeholder;
  OptionKind kind;
  std::string_view default_value;  // as one would write it; empty: not set
  std::string_view help;
  Expected (*read)(Settings&, std::string_view);  // lists: once for each item
  bool secret = false;
  bool in_file = true;
  std::string_view other_env = {};  // a further name, kept for those who come from elsewhere
  bool as_flag = true;              // false: every process on the machine could read it there
};

std::span<const Option> options();
std::string env_name(const Option& option);  // ROGERTHAT_DATA_DIR
inline constexpr std::string_view kEnvPrefix = "ROGERTHAT_";

}  // namespace rogerthat::cli
