// Where the values of options come from, and which of them counts: a flag before the environment
// before the file before the default. The same for every verb; what it has is said by its table.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option.h"

namespace rogerthat::cli {

// A sentence for a person: what is wrong, where, and the remedy. Nothing: all is well.
using Problem = std::optional<std::string>;
using Environment = std::span<const std::string>;  // "NAME=value" each

enum class Source : std::uint8_t { built_in, file, environment, command_line };
std::string_view to_string(Source source);

struct Given {
  Source source = Source::built_in;
  std::vector<std::string> values = {};  // one; lists: any number
  std::string place = {};                // "--port", "ROGERTHAT_PORT", "hub.toml:3:1: port"
};

// The file that may hold options, and the option that names it.
struct OptionFile {
  std::string_view option;
  std::expected<std::string, std::string> (*path)(std::string_view value, Environment environment);
  bool is_private = false;  // refused while others may read it
};

// Reads a value into the field of a row.
using ReadInto = std::function<Expected(std::size_t row, std::string_view value)>;

// By row, what was given and counts. Everything has been read into its field.
std::expected<std::vector<Given>, std::string> read_rows(const OptionRows& rows,
                                                         const OptionFile& file,
                                                         std::span<const std::string> arguments,
                                                         Environment environment,
                                                         const ReadInto& read);

// The table of a verb: its rows, and what must fit together when all are read.
template <class Settings>
struct OptionTable {
  std::span<const Option<Settings>> rows;
  OptionFile file;
  Problem (*finish)(Settings&, Environment);
};

template <class Settings>
struct OptionsRead {
  Settings settings;
  std::vector<Given> given;  // by row
};

template <class Settings>
std::expected<OptionsRead<Settings>, std::string> read_table(const OptionTable<Settings>& table,
                                                             std::span<const std::string> arguments,
                                                             Environment environment) {
  OptionsRead<Settings> out;
  auto given = read_rows(rows_of(table.rows), table.file, arguments, environment,
                         [&](std::size_t row, std::string_view value) {
                           return table.rows[row].read(out.settings, value);
                         });
  if (!given) return std::unexpected(std::move(given.error()));
  out.given = std::move(*given);
  if (Problem problem = table.finish(out.settings, environment)) {
    return std::unexpected(std::move(*problem));
  }
  return out;
}

std::string_view home_of(Environment environment);  // empty: HOME is not set

// A variable of our prefix that no option of any verb is named by: most likely a slip.
Problem find_unknown_variable(Environment environment, const OptionRows& of_all_verbs);

// The arguments that hold secrets, as offsets into each: what `ps` must not show.
struct SecretArgument {
  std::size_t argument = 0;
  std::size_t offset = 0;
};
std::vector<SecretArgument> find_secrets(const OptionRows& rows,
                                         std::span<const std::string> arguments);

// The variables that hold secrets: what the environment of the process must not show.
std::vector<std::string> names_of_secrets(const OptionRows& rows);
bool is_variable(std::string_view variable, std::string_view name);  // "NAME=value" of that name

// Overwrites every copy of a secret in what options were read from. `given`: by row.
void forget_secrets(const OptionRows& rows, std::span<std::string> arguments,
                    std::span<std::string> environment, std::span<Given> given);

}  // namespace rogerthat::cli
