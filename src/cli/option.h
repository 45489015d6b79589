// One option as it is declared: a row of a verb's table. Its flag, its name in the environment, its
// key in the file, --help, docs/options.md, --print-config and error sentences all come from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_values.h"

namespace rogerthat::cli {

enum class OptionKind : std::uint8_t {
  flag,    // --name, --name=false; true or false in the file
  number,  // bare in the file where it has no unit
  text,
  list,  // repeated flag, array in the file, commas in the environment; "none" is the empty list
};

struct OptionTraits {
  bool secret = false;  // repeated nowhere, and wiped from the list of processes
  bool in_file = true;
  bool as_flag = true;               // false: every process on the machine could read it there
  std::string_view env = {};         // empty: ROGERTHAT_ and the name
  std::string_view other_env = {};   // a further name, kept for those who come from elsewhere
  std::string_view other_flag = {};  // likewise
  std::string_view file_of = {};     // the value is a file that holds the secret of that option
  std::string_view belongs_to = {};  // worth nothing where a stronger source sets that option anew
};

struct OptionInfo {
  std::string_view section;
  std::string_view name;  // the flag without its dashes, and the key in the file
  std::string_view placeholder;
  OptionKind kind;
  std::string_view default_value;  // as one would write it; empty: not set
  std::string_view help;
  OptionTraits traits = {};
};

template <class Settings>
struct Option {
  OptionInfo info;
  // Into its field; lists: once for each item. None: the engine itself knows what it is for.
  Expected (*read)(Settings&, std::string_view) = nullptr;
};

// The rows of a table without their fields: all that names, texts and sources need.
using OptionRows = std::vector<const OptionInfo*>;

template <class Settings>
OptionRows rows_of(std::span<const Option<Settings>> table) {
  OptionRows rows;
  for (const Option<Settings>& option : table) rows.push_back(&option.info);
  return rows;
}

inline constexpr std::string_view kEnvPrefix = "ROGERTHAT_";
std::string env_name(const OptionInfo& option);  // ROGERTHAT_DATA_DIR

}  // namespace rogerthat::cli
