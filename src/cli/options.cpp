#include "cli/options.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/utf8.h"
#include "cli/bridge_options.h"
#include "cli/config_file.h"
#include "cli/nearest.h"

namespace rogerthat::cli {

namespace {

using Problem = std::optional<std::string>;

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

std::size_t row_of(std::string_view name) {
  for (std::size_t i = 0; i < options().size(); ++i) {
    if (options()[i].name == name) return i;
  }
  return kUnknown;
}

std::string suggestion(std::string_view given, std::span<const std::string_view> known,
                       std::string_view prefix = {}) {
  const std::string_view nearest = nearest_name(given, known);
  return nearest.empty() ? "" : fmt::format("; did you mean {}{}?", prefix, nearest);
}

std::vector<std::string_view> names(bool for_file) {
  std::vector<std::string_view> all;
  for (const Option& option : options()) {
    if (option.in_file || !for_file) all.push_back(option.name);
  }
  return all;
}

void split_list(std::string_view text, std::vector<std::string>& out) {
  while (true) {
    const std::size_t comma = text.find(',');
    out.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

// --- The sources. Each fills in what it has; a later one replaces an earlier one as a whole.

void take_defaults(std::vector<Given>& given) {
  for (std::size_t i = 0; i < options().size(); ++i) {
    const Option& option = options()[i];
    given[i].place = option.name;
    if (option.default_value.empty()) continue;
    if (option.kind == OptionKind::list) {
      split_list(option.default_value, given[i].values);
    } else {
      given[i].values.emplace_back(option.default_value);
    }
  }
}

Problem take_file(const std::string& path, std::vector<Given>& given) {
  auto entries = read_config_file(path);
  if (!entries) return std::move(entries.error());
  for (ConfigEntry& entry : *entries) {
    std::string place = fmt::format("{}:{}:{}: {}", path, entry.line, entry.column, entry.key);
    const std::size_t row = row_of(entry.key);
    if (row == kUnknown) {
      return fmt::format("{} is no known key{}", place, suggestion(entry.key, names(true)));
    }
    const Option& option = options()[row];
    if (!option.in_file) {
      return fmt::format("{} cannot stand in the file; use the flag --{}", place, option.name);
    }
    if (entry.is_array && option.kind != OptionKind::list) {
      return fmt::format("{} takes one value, not an array", place);
    }
    given[row] = Given{Source::file, std::move(entry.values), std::move(place)};
  }
  return std::nullopt;
}

void take_environment_value(std::size_t row, std::string_view name, std::string_view value,
                            std::vector<Given>& given) {
  Given& slot = given[row];
  slot = Given{Source::environment, {}, std::string(name)};
  if (options()[row].kind == OptionKind::list) {
    split_list(value, slot.values);
  } else {
    slot.values.emplace_back(value);
  }
}

// What `rogerthat mcp` reads may stand in the same environment.
bool is_of_another_verb(std::string_view name) {
  return std::ranges::find(bridge_options(), name, &BridgeOption::env) != bridge_options().end();
}

// An empty variable counts as not set: that is how compose files leave one out.
Problem take_environment(std::span<const std::string> environment, std::vector<Given>& given) {
  std::vector<std::string> known_names;
  for (const Option& option : options()) known_names.push_back(env_name(option));
  const std::vector<std::string_view> known(known_names.begin(), known_names.end());

  for (const bool own_names : {false, true}) {  // our own names win over the other ones
    for (const std::string& variable : environment) {
      const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
      if (name.size() == variable.size()) continue;
      const std::string_view value = std::string_view(variable).substr(name.size() + 1);
      if (name.starts_with(kEnvPrefix) != own_names) continue;
      std::size_t row = kUnknown;
      for (std::size_t i = 0; i < options().size(); ++i) {
        if (name == (own_names ? known[i] : options()[i].other_env)) row = i;
      }
      if (row == kUnknown && own_names && !is_of_another_verb(name)) {
        return fmt::format("the environment variable {} is no option{}", name,
                           suggestion(name, known));
      }
      if (row != kUnknown && !value.empty()) take_environment_value(row, name, value, given);
    }
  }
  return std::nullopt;
}

// Splits --name=value. The value is nothing where there is no '='.
struct Argument {
  std::string_view name;
  std::optional<std::string_view> value;
};
Argument split_argument(std::string_view argument) {
  argument.remove_prefix(2);
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return {argument, std::nullopt};
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

Problem take_arguments(std::span<const std::string> arguments, std::vector<Given>& given) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--") || arguments[i].size() == 2) {
      return fmt::format("unexpected argument \"{}\"; options look like --port 7424", arguments[i]);
    }
    auto [name, value] = split_argument(arguments[i]);
    const std::size_t row = row_of(name);
    if (row == kUnknown) {
      return fmt::format("unknown option --{}{}", name, suggestion(name, names(false), "--"));
    }
    const Option& option = options()[row];
    if (!option.as_flag) {
      return fmt::format(
          "--{} would show in the list of processes; set {} or put it into the --config file", name,
          env_name(option));
    }
    if (!value && option.kind == OptionKind::flag) value = "true";
    if (!value) {
      if (i + 1 == arguments.size() || arguments[i + 1].starts_with("--")) {
        return fmt::format("--{} needs a value: --{} {}", name, name, option.placeholder);
      }
      value = arguments[++i];
    }
    const bool further =
        option.kind == OptionKind::list && given[row].source == Source::command_line;
    if (!further) given[row] = Given{Source::command_line, {}, fmt::format("--{}", name)};
    given[row].values.emplace_back(*value);
  }
  return std::nullopt;
}

// --- From text to values.

Problem apply(const Option& option, const Given& given, Settings& settings) {
  if (option.kind == OptionKind::list && given.values.size() == 1 && given.values[0] == "none") {
    return std::nullopt;
  }
  for (const std::string& value : given.values) {
    const Expected expected = option.read(settings, value);
    if (!expected) continue;
    if (option.secret) return fmt::format("{} must be {}", given.place, *expected);
    return fmt::format("{} must be {}, not \"{}\"", given.place, *expected, value);
  }
  return std::nullopt;
}

std::string_view home_of(std::span<const std::string> environment) {
  for (const std::string_view variable : environment) {
    if (variable.starts_with("HOME=") && variable.size() > 5) return variable.substr(5);
  }
  return {};
}

Problem expand_home(std::string& path, std::span<const std::string> environment) {
  if (!path.starts_with("~/")) return std::nullopt;
  const std::string_view home = home_of(environment);
  if (home.empty()) return fmt::format("{}: HOME is not set; give --data-dir", path);
  path = std::string(home) + path.substr(1);
  return std::nullopt;
}

// The secret and the file that holds it are one thing given in two ways: the stronger source wins.
Problem read_secret_file(std::string_view name, const std::string& path,
                         const std::vector<Given>& given, std::string& secret) {
  if (path.empty()) return std::nullopt;
  const Given& direct = given[row_of(name)];
  const Given& from_file = given[row_of(fmt::format("{}-file", name))];
  if (!direct.values.empty()) {
    if (direct.source > from_file.source) return std::nullopt;
    if (direct.source == from_file.source) {
      return fmt::format("{} and {} say the same thing; give one of them", direct.place,
                         from_file.place);
    }
  }
  std::ifstream file(path);
  std::string text;
  if (!file || (std::getline(file, text, '\0'), file.bad())) {
    return fmt::format("{}: {} cannot be read: {}", from_file.place, path, std::strerror(errno));
  }
  const Expected expected = read_secret(trim(text), secret);
  if (!expected) return std::nullopt;
  return fmt::format("{}: {} must hold {}", from_file.place, path, *expected);
}

Problem check_mail(const net::SmtpServer& smtp) {
  using Security = net::SmtpServer::Security;
  if (smtp.host.empty()) {
    if (smtp.from.empty() && smtp.user.empty() && smtp.password.empty()) return std::nullopt;
    return "options of mail are given, but no --smtp";
  }
  if (smtp.from.empty()) return "--smtp needs --smtp-from: the address that the mails come from";
  if (smtp.user.empty() != smtp.password.empty()) {
    return "--smtp-user and ROGERTHAT_SMTP_PASSWORD belong together; give both or none";
  }
  if (smtp.security == Security::none && !smtp.user.empty()) {
    return "--smtp-security none would send the password in the clear; use starttls or tls";
  }
  return std::nullopt;
}

Problem check_together(const Settings& s) {
  if (Problem problem = check_mail(s.smtp)) return problem;
  if (s.http.tls_certificate_file.empty() != s.http.tls_key_file.empty()) {
    return "--tls-cert and --tls-key belong together; give both or none";
  }
  if (!s.bound_to_loopback() && s.token.empty() && !s.insecure_open) {
    return fmt::format(
        "--host {} lets other machines in, and no --token is set: anyone could create channels.\n"
        "Set a token (--token-file FILE or ROGERTHAT_TOKEN), or say --insecure-open if that is "
        "what you want",
        s.http.host);
  }
  return std::nullopt;
}

Problem fill(Options& out, std::span<const std::string> environment) {
  Settings& s = out.settings;
  for (std::size_t i = 0; i < options().size(); ++i) {
    if (Problem problem = apply(options()[i], out.given[i], s)) return problem;
  }
  if (Problem problem = expand_home(s.data_dir, environment)) return problem;
  if (Problem problem = read_secret_file("token", s.token_file, out.given, s.token)) {
    return problem;
  }
  if (Problem problem =
          read_secret_file("admin-token", s.admin_token_file, out.given, s.admin_token)) {
    return problem;
  }
  return check_together(s);
}

}  // namespace

bool Settings::bound_to_loopback() const {
  if (equal_ignoring_case(http.host, "localhost")) return true;
  const auto address = net::IpAddress::parse(http.host);
  return address && address->is_loopback();
}

std::string_view to_string(Source source) {
  switch (source) {
    case Source::built_in:
      return "default";
    case Source::file:
      return "file";
    case Source::environment:
      return "environment";
    case Source::command_line:
      break;
  }
  return "flag";
}

std::expected<Options, std::string> read_options(std::span<const std::string> arguments,
                                                 std::span<const std::string> environment) {
  // Flags and environment are read first, because one of them may name the file.
  std::vector<Given> strong(options().size());
  if (Problem problem = take_environment(environment, strong)) return std::unexpected(*problem);
  if (Problem problem = take_arguments(arguments, strong)) return std::unexpected(*problem);

  Options out;
  out.given.resize(options().size());
  take_defaults(out.given);
  const Given& config = strong[row_of("config")];
  if (!config.values.empty()) {
    if (Problem problem = take_file(config.values[0], out.given)) return std::unexpected(*problem);
  }
  for (std::size_t i = 0; i < strong.size(); ++i) {
    if (strong[i].source != Source::built_in) out.given[i] = std::move(strong[i]);
  }
  if (Problem problem = fill(out, environment)) return std::unexpected(*problem);
  return out;
}

std::vector<SecretArgument> find_secret_arguments(std::span<const std::string> arguments) {
  std::vector<SecretArgument> found;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--")) continue;
    const auto [name, value] = split_argument(arguments[i]);
    const std::size_t row = row_of(name);
    if (row == kUnknown || !options()[row].secret) continue;
    if (value) {
      found.push_back({i, arguments[i].size() - value->size()});
    } else if (i + 1 < arguments.size()) {
      found.push_back({++i, 0});
    }
  }
  return found;
}

}  // namespace rogerthat::cli
