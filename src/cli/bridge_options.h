// The options of `rogerthat mcp`, read: flag before environment before profile before default.
// Lives here: one table of them, what they are read into, and what fits together.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/settings.h"
#include "cli/option_values.h"
#include "cli/options.h"

namespace rogerthat::cli {

using BridgeSettings = bridge::Settings;

struct BridgeOption {
  std::string_view name;  // the flag without its dashes, and the key in the profile
  std::string_view placeholder;
  std::string_view env;
  std::string_view help;
  Expected (*read)(BridgeSettings&, std::string_view);
  bool secret = false;
  bool in_profile = true;
};

std::span<const BridgeOption> bridge_options();
std::string bridge_help();

// `environment`: "NAME=value" each. The error is for a person: what is wrong, where, and the
// remedy.
std::expected<BridgeSettings, std::string> read_bridge_options(
    std::span<const std::string> arguments, std::span<const std::string> environment);

// What `ps` must not show, in the arguments of a whole command line.
std::vector<SecretArgument> find_bridge_secrets(std::span<const std::string> arguments);

}  // namespace rogerthat::cli
