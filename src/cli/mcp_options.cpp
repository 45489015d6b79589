#include "cli/mcp_options.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "core/names.h"
#include "net/url.h"

namespace rogerthat::cli {

namespace {

using enum OptionKind;
using S = bridge::Settings;
using V = std::string_view;

constexpr V kHub = "Which hub";
constexpr V kChannel = "Which channel";
constexpr V kSources = "Where options come from";

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

Expected check_profile_name(std::string_view text) {
  const bool plain = !text.empty() && text.size() <= 64 && !text.starts_with('.') &&
                     text.find('/') == text.npos && !has_control_or_line_break(text);
  if (!plain) return "the name of a file in ~/.rogerthat/profiles, without .toml";
  return std::nullopt;
}

constexpr Option<S> kOptions[] = {
    {{kHub, "origin", "URL", text, "http://127.0.0.1:7424", "Where the hub is."},
     [](S& s, V v) { return read_hub(v, s.hub.origin); }},
    {{kHub,
      "hub-token",
      "SECRET",
      text,
      "",
      "The hub's own token, where it asks for one.",
      {.secret = true}},
     [](S& s, V v) { return read_secret(v, s.hub.hub_token); }},
    {{kHub, "ca-file", "FILE", text, "",
      "Certificate authorities (PEM) to believe beside the system's."},
     [](S& s, V v) { return read_path(v, s.ca_file); }},

    {{kChannel, "channel", "ID", text, "", "A channel that is joined at start and stayed on."},
     [](S& s, V v) { return read_channel(v, s.channel); }},
    {{kChannel,
      "token",
      "SECRET",
      text,
      "",
      "Its join token; bands need none.",
      {.secret = true, .env = "ROGERTHAT_CHANNEL_TOKEN", .belongs_to = "channel"}},
     [](S& s, V v) { return read_secret(v, s.token); }},
    {{kChannel,
      "token-file",
      "FILE",
      text,
      "",
      "A file that holds the join token; nobody else may read it.",
      {.env = "ROGERTHAT_CHANNEL_TOKEN_FILE", .file_of = "token", .belongs_to = "channel"}}},
    {{kChannel, "callsign", "NAME", text, "", "Your name on channels, where a join names none."},
     [](S& s, V v) { return read_callsign(v, s.callsign); }},

    {{kSources,
      "profile",
      "NAME",
      text,
      "",
      "Take these options from ~/.rogerthat/profiles/NAME.toml, which nobody else may read.",
      {.in_file = false}},
     [](S&, V v) { return check_profile_name(v); }},
};

std::expected<std::string, std::string> profile_path(V name, Environment environment) {
  const V home = home_of(environment);
  if (home.empty()) return std::unexpected("--profile needs a home directory: HOME is not set");
  return fmt::format("{}/.rogerthat/profiles/{}.toml", home, name);
}

Problem finish(S& settings, Environment environment) {
  const V home = home_of(environment);
  if (!home.empty()) settings.directory = fmt::format("{}/.rogerthat", home);
  if (!settings.channel.empty() || settings.token.empty()) return std::nullopt;
  return "a token was given without the channel that it belongs to; add --channel ID";
}

constexpr OptionTable<S> kTable{kOptions, {"profile", profile_path, true}, finish};

}  // namespace

std::expected<McpOptions, std::string> read_mcp_options(std::span<const std::string> arguments,
                                                        Environment environment) {
  return read_table(kTable, arguments, environment);
}

OptionRows mcp_rows() {
  return rows_of(kTable.rows);
}

OptionsPage mcp_page() {
  return {
      .verb = "mcp",
      .rows = mcp_rows(),
      .intro =
          "rogerthat mcp - the hub as an MCP server over standard input and output\n\n"
          "Usage: rogerthat mcp [options]\n\n"
          "For MCP clients that start their servers as programs. The tools are those of the hub's "
          "own\n"
          "/mcp; what peers send is pushed besides to clients that know claude/channel. "
          "Example:\n\n"
          "  claude mcp add rogerthat -- rogerthat mcp --profile team\n\n"
          "Every option can be given as a flag, in the environment (ROGERTHAT_ORIGIN) or in the\n"
          "profile, a TOML file with the same names; the first of them wins. Secrets belong in "
          "the\nenvironment or in files.\n",
      .outro = "Exit: 0 when the client has closed its side, 1 failure, 2 wrong usage.\n",
      .file =
          "the TOML file that `--profile` names (`~/.rogerthat/profiles/NAME.toml`, which "
          "nobody else may read)",
  };
}

}  // namespace rogerthat::cli
