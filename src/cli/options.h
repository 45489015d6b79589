// The options of `serve`, read: flag before environment before file before default.
// Lives here: where values come from, which of them counts, and what fits together. Pure but for
// reading the files that the options name.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_table.h"
#include "cli/settings.h"

namespace rogerthat::cli {

enum class Source : std::uint8_t { built_in, file, environment, command_line };
std::string_view to_string(Source source);

struct Given {
  Source source = Source::built_in;
  std::vector<std::string> values;  // one; lists: any number
  std::string place;                // "--port", "ROGERTHAT_PORT", "hub.toml:3:1: port"
};

struct Options {
  Settings settings;
  std::vector<Given> given;  // by row of the table
};

// `environment`: "NAME=value" each. The error is for a person: what is wrong, where, and the
// remedy.
std::expected<Options, std::string> read_options(std::span<const std::string> arguments,
                                                 std::span<const std::string> environment);

// The arguments that hold secrets, as offsets into each: what `ps` must not show.
struct SecretArgument {
  std::size_t argument = 0;
  std::size_t offset = 0;
};
std::vector<SecretArgument> find_secret_arguments(std::span<const std::string> arguments);

}  // namespace rogerthat::cli
