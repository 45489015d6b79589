#include "cli/bridge_options.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "cli/config_file.h"
#include "cli/nearest.h"
#include "core/names.h"
#include "net/url.h"

namespace rogerthat::cli {

namespace {

using S = BridgeSettings;
using V = std::string_view;
using Problem = std::optional<std::string>;

constexpr std::size_t kSecretFileMax = 4096;
constexpr std::size_t kBridgeHelpColumn = 24;

Expected read_hub(std::string_view text, std::string& out) {
  while (text.ends_with('/')) text.remove_suffix(1);
  const auto url = net::Url::parse(text);
  if (!url) return fmt::format("the hub's address like https://hub.example ({})", url.error());
  if (url->target != "/") return "the hub's address without a path";
  out = url->origin();
  return std::nullopt;
}

Expected read_channel(std::string_view text, std::string& out) {
  const bool fits = !text.empty() && text.size() <= 64 &&
                    text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
  if (!fits) return "a channel id like amber-fox-1a2b";
  out = text;
  return std::nullopt;
}

Expected read_callsign(std::string_view text, std::string& out) {
  std::string callsign = core::normalise_callsign(text);
  if (!core::is_valid_callsign(callsign)) {
    return "a callsign of 1 to 32 of a-z, 0-9, - and _, not beginning with - or _";
  }
  out = std::move(callsign);
  return std::nullopt;
}

Expected read_profile_name(std::string_view text, std::string& out) {
  const bool plain = !text.empty() && text.size() <= 64 && !text.starts_with('.') &&
                     text.find('/') == text.npos && !has_control_or_line_break(text);
  if (!plain) return "the name of a file in ~/.rogerthat/profiles, without .toml";
  out = text;
  return std::nullopt;
}

// A secret alone in a file; its line break is not part of it.
Expected read_secret_file(std::string_view path, std::string& out) {
  std::ifstream file{std::string(path), std::ios::binary};
  std::string text(kSecretFileMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return fmt::format("a file that can be read ({})", std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (read_secret(trim(text), out) || out.empty()) return "a file that holds one line, the secret";
  return std::nullopt;
}

constexpr BridgeOption kOptions[] = {
    {"origin", "URL", "ROGERTHAT_ORIGIN", "Where the hub is [http://127.0.0.1:7424].",
     [](S& s, V v) { return read_hub(v, s.hub.origin); }},
    {"channel", "ID", "ROGERTHAT_CHANNEL", "A channel that is joined at start and stayed on.",
     [](S& s, V v) { return read_channel(v, s.channel); }},
    {"token", "SECRET", "ROGERTHAT_CHANNEL_TOKEN", "Its join token; bands need none.",
     [](S& s, V v) { return read_secret(v, s.token); }, true},
    {"token-file", "FILE", "ROGERTHAT_CHANNEL_TOKEN_FILE", "A file that holds the join token.",
     [](S& s, V v) { return read_secret_file(v, s.token); }},
    {"callsign", "NAME", "ROGERTHAT_CALLSIGN", "Your name on channels, where a join names none.",
     [](S& s, V v) { return read_callsign(v, s.callsign); }},
    {"hub-token", "SECRET", "ROGERTHAT_HUB_TOKEN", "The hub's own token, where it asks for one.",
     [](S& s, V v) { return read_secret(v, s.hub.hub_token); }, true},
    {"ca-file", "FILE", "ROGERTHAT_CA_FILE",
     "Certificate authorities (PEM) to believe beside the system's.",
     [](S& s, V v) { return read_path(v, s.ca_file); }},
    {"profile", "NAME", "ROGERTHAT_PROFILE",
     "Take these options from ~/.rogerthat/profiles/NAME.toml.",
     [](S& s, V v) { return read_profile_name(v, s.profile); }, false, false},
};

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const BridgeOption& option : kOptions) names.push_back(option.name);
  return names;
}

const BridgeOption* find_option(std::string_view name) {
  const auto* const found = std::ranges::find(kOptions, name, &BridgeOption::name);
  return found == std::end(kOptions) ? nullptr : found;
}

Problem apply(const BridgeOption& option, std::string_view value, std::string_view place,
              BridgeSettings& settings) {
  const Expected expected = option.read(settings, value);
  if (!expected) return std::nullopt;
  // A secret is not repeated, and neither is what may be one in the wrong place.
  if (option.secret || value.find('@') != value.npos)
    return fmt::format("{} must be {}", place, *expected);
  return fmt::format("{} must be {}, not \"{}\"", place, *expected, value);
}

std::string unknown(std::string_view place, std::string_view name) {
  std::string text = fmt::format("{} is no option of rogerthat mcp", place);
  const std::string_view nearest = nearest_name(name, option_names());
  if (!nearest.empty()) text += fmt::format("; did you mean {}?", nearest);
  return text;
}

// --- The sources.

struct Taken {
  const BridgeOption* option;
  std::string value;
  std::string place;
};

std::expected<std::vector<Taken>, std::string> read_arguments(
    std::span<const std::string> arguments) {
  std::vector<Taken> all;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--")) {
      return std::unexpected(
          fmt::format("unexpected argument \"{}\"; options look like --channel ID", argument));
    }
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    const BridgeOption* const option = find_option(name);
    if (option == nullptr) return std::unexpected(unknown("--" + name, name));
    if (equals != std::string::npos) {
      all.push_back({option, argument.substr(equals + 1), "--" + name});
    } else if (++i < arguments.size()) {
      all.push_back({option, arguments[i], "--" + name});
    } else {
      return std::unexpected(fmt::format("--{} needs a value: {}", name, option->placeholder));
    }
  }
  return all;
}

// An empty variable counts as not set.
std::vector<Taken> read_environment(std::span<const std::string> environment) {
  std::vector<Taken> all;
  for (const std::string& variable : environment) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals + 1 == variable.size()) continue;
    const std::string name = variable.substr(0, equals);
    const auto* const option = std::ranges::find(kOptions, name, &BridgeOption::env);
    if (option != std::end(kOptions)) all.push_back({option, variable.substr(equals + 1), name});
  }
  return all;
}

std::expected<std::vector<Taken>, std::string> read_profile(const BridgeSettings& settings) {
  if (settings.directory.empty()) {
    return std::unexpected("--profile needs a home directory: HOME is not set");
  }
  const std::string path = fmt::format("{}/profiles/{}.toml", settings.directory, settings.profile);
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) {
    return std::unexpected(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(fmt::format(
        "{} may be read by others, and it can hold secrets; run: chmod 600 {}", path, path));
  }
  auto entries = read_config_file(path);
  if (!entries) return std::unexpected(std::move(entries.error()));
  std::vector<Taken> all;
  for (const ConfigEntry& entry : *entries) {
    std::string place = fmt::format("{}:{}:{}: {}", path, entry.line, entry.column, entry.key);
    const BridgeOption* const option = find_option(entry.key);
    if (option == nullptr || !option->in_profile) {
      return std::unexpected(unknown(place, entry.key));
    }
    if (entry.is_array) return std::unexpected(place + " takes one value, not an array");
    all.push_back({option, entry.values.front(), std::move(place)});
  }
  return all;
}

bool gives(const std::vector<Taken>& all, std::string_view name) {
  return std::ranges::any_of(all, [name](const Taken& t) { return t.option->name == name; });
}

bool is_token(const BridgeOption& option) {
  return option.name == "token" || option.name == "token-file";
}

Problem apply_all(const std::vector<Taken>& all, BridgeSettings& settings) {
  if (gives(all, "token") && gives(all, "token-file"))
    return "token and token-file exclude each other";
  for (const Taken& taken : all) {
    if (Problem problem = apply(*taken.option, taken.value, taken.place, settings)) return problem;
  }
  return std::nullopt;
}

// A channel that is named anew does not get the token of the one in the profile.
void drop_foreign_token(std::vector<Taken>& lower, const std::vector<Taken>& higher) {
  if (!gives(higher, "channel")) return;
  std::erase_if(lower, [](const Taken& taken) { return is_token(*taken.option); });
}

std::string home_directory(std::span<const std::string> environment) {
  for (const std::string& variable : environment) {
    if (variable.starts_with("HOME=") && variable.size() > 5) {
      return variable.substr(5) + "/.rogerthat";
    }
  }
  return {};
}

}  // namespace

std::span<const BridgeOption> bridge_options() {
  return kOptions;
}

std::string bridge_help() {
  std::string out =
      "rogerthat mcp - the hub as an MCP server over standard input and output\n\n"
      "Usage: rogerthat mcp [options]\n\n"
      "For MCP clients that start their servers as programs. The tools are those of the hub's own\n"
      "/mcp; what peers send is pushed besides to clients that know claude/channel. Example:\n\n"
      "  claude mcp add rogerthat -- rogerthat mcp --profile team\n\n";
  for (const BridgeOption& option : kOptions) {
    std::string left = fmt::format("  --{} {}", option.name, option.placeholder);
    left.resize(std::max(left.size() + 1, kBridgeHelpColumn), ' ');
    out += left;
    out += option.help;
    out += '\n';
  }
  out += "\nEach can also stand in the environment:";
  for (const BridgeOption& option : kOptions)
    fmt::format_to(std::back_inserter(out), "\n  {}", option.env);
  out +=
      "\nand in a profile, a TOML file with the same names that nobody else may read. A flag goes\n"
      "before the environment, the environment before the profile. Secrets belong in the\n"
      "environment or in files.\n\n"
      "Exit: 0 when the client has closed its side, 1 failure, 2 wrong usage.\n";
  return out;
}

std::expected<BridgeSettings, std::string> read_bridge_options(
    std::span<const std::string> arguments, std::span<const std::string> environment) {
  BridgeSettings settings;
  settings.directory = home_directory(environment);
  auto flags = read_arguments(arguments);
  if (!flags) return std::unexpected(std::move(flags.error()));
  auto variables = read_environment(environment);
  for (const auto* const source : {&variables, &*flags}) {
    for (const Taken& taken : *source) {
      if (taken.option->name != "profile") continue;
      if (auto problem = apply(*taken.option, taken.value, taken.place, settings)) {
        return std::unexpected(std::move(*problem));
      }
    }
  }
  std::vector<Taken> profile;
  if (!settings.profile.empty()) {
    auto read = read_profile(settings);
    if (!read) return std::unexpected(std::move(read.error()));
    profile = std::move(*read);
  }
  drop_foreign_token(profile, variables);
  drop_foreign_token(profile, *flags);
  for (const auto* const source : {&profile, &variables, &*flags}) {
    if (auto problem = apply_all(*source, settings)) return std::unexpected(std::move(*problem));
  }
  if (settings.channel.empty() && !settings.token.empty()) {
    return std::unexpected(
        "a token was given without the channel that it belongs to; add --channel ID");
  }
  return settings;
}

std::vector<SecretArgument> find_bridge_secrets(std::span<const std::string> arguments) {
  std::vector<SecretArgument> found;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    for (const BridgeOption& option : kOptions) {
      if (!option.secret) continue;
      const std::string flag = fmt::format("--{}", option.name);
      if (arguments[i].starts_with(flag + "=")) {
        found.push_back({i, flag.size() + 1});
      } else if (arguments[i] == flag && i + 1 < arguments.size()) {
        found.push_back({i + 1, 0});
      }
    }
  }
  return found;
}

}  // namespace rogerthat::cli
