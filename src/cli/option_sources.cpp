#include "cli/option_sources.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/utf8.h"
#include "cli/config_file.h"
#include "cli/nearest.h"

namespace rogerthat::cli {

namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);
constexpr std::size_t kSecretFileMax = 4096;

using Givens = std::vector<Given>;

std::size_t row_of(const OptionRows& rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, [](const OptionInfo* row) { return row->name; });
  return found == rows.end() ? kUnknown : static_cast<std::size_t>(found - rows.begin());
}

std::size_t row_of_flag(const OptionRows& rows, std::string_view name) {
  const auto other =
      std::ranges::find(rows, name, [](const OptionInfo* row) { return row->traits.other_flag; });
  if (other == rows.end() || name.empty()) return row_of(rows, name);
  return static_cast<std::size_t>(other - rows.begin());
}

std::string suggestion(std::string_view given, std::span<const std::string_view> known,
                       std::string_view prefix = {}) {
  const std::string_view nearest = nearest_name(given, known);
  return nearest.empty() ? "" : fmt::format("; did you mean {}{}?", prefix, nearest);
}

std::vector<std::string_view> names(const OptionRows& rows, bool OptionTraits::* usable) {
  std::vector<std::string_view> all;
  for (const OptionInfo* row : rows) {
    if (row->traits.*usable) all.push_back(row->name);
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

std::vector<std::string> values_of(const OptionInfo& option, std::string_view text) {
  std::vector<std::string> values;
  if (option.kind == OptionKind::list) {
    split_list(text, values);
  } else {
    values.emplace_back(text);
  }
  return values;
}

// --- The sources. Each fills in what it has; a stronger one replaces a weaker one as a whole.

Givens defaults(const OptionRows& rows) {
  Givens given;
  for (const OptionInfo* row : rows) {
    Given& slot = given.emplace_back(Given{.place = std::string(row->name)});
    if (!row->default_value.empty()) slot.values = values_of(*row, row->default_value);
  }
  return given;
}

Problem take_file(const OptionRows& rows, const std::string& path, Givens& given) {
  auto entries = read_config_file(path);
  if (!entries) return std::move(entries.error());
  for (ConfigEntry& entry : *entries) {
    std::string place = fmt::format("{}:{}:{}: {}", path, entry.line, entry.column, entry.key);
    const std::size_t row = row_of(rows, entry.key);
    if (row == kUnknown) {
      return fmt::format("{} is no known key{}", place,
                         suggestion(entry.key, names(rows, &OptionTraits::in_file)));
    }
    const OptionInfo& option = *rows[row];
    if (!option.traits.in_file) {
      return fmt::format("{} cannot stand in the file; use the flag --{}", place, option.name);
    }
    if (entry.is_array && option.kind != OptionKind::list) {
      return fmt::format("{} takes one value, not an array", place);
    }
    given[row] = Given{Source::file, std::move(entry.values), std::move(place)};
  }
  return std::nullopt;
}

std::string_view value_of(Environment environment, std::string_view name) {
  for (const std::string_view variable : environment) {
    if (is_variable(variable, name)) {
      return variable.substr(name.size() + 1);
    }
  }
  return {};
}

// An empty variable counts as not set: that is how compose files leave one out.
void take_environment(const OptionRows& rows, Environment environment, Givens& given) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // Our own name wins over the other one.
    for (const std::string& name : {env_name(*rows[i]), std::string(rows[i]->traits.other_env)}) {
      if (name.empty()) continue;
      const std::string_view value = value_of(environment, name);
      if (value.empty()) continue;
      given[i] = Given{Source::environment, values_of(*rows[i], value), name};
      break;
    }
  }
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

// For the sentence about an argument that is none.
std::string example_of(const OptionRows& rows) {
  const auto found = std::ranges::find_if(
      rows, [](const OptionInfo* row) { return row->traits.as_flag && !row->placeholder.empty(); });
  return found == rows.end() ? "--help"
                             : fmt::format("--{} {}", (*found)->name, (*found)->placeholder);
}

Problem take_arguments(const OptionRows& rows, std::span<const std::string> arguments,
                       Givens& given) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--") || arguments[i].size() == 2) {
      return fmt::format("unexpected argument \"{}\"; options look like {}", arguments[i],
                         example_of(rows));
    }
    auto [name, value] = split_argument(arguments[i]);
    const std::size_t row = row_of_flag(rows, name);
    if (row == kUnknown) {
      return fmt::format("unknown option --{}{}", name,
                         suggestion(name, names(rows, &OptionTraits::as_flag), "--"));
    }
    const OptionInfo& option = *rows[row];
    if (!option.traits.as_flag) {
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

// A secret is not repeated, and neither is what may hold one in the wrong place.
bool may_be_shown(const OptionInfo& option, std::string_view value) {
  const bool url_with_password = value.find("://") != value.npos && value.find('@') != value.npos;
  return !option.traits.secret && !url_with_password;
}

Problem apply(const OptionInfo& option, const Given& given, std::size_t row, const ReadInto& read) {
  if (option.kind == OptionKind::list && given.values.size() == 1 && given.values[0] == "none") {
    return std::nullopt;
  }
  for (const std::string& value : given.values) {
    const Expected expected = read(row, value);
    if (!expected) continue;
    if (!may_be_shown(option, value)) return fmt::format("{} must be {}", given.place, *expected);
    return fmt::format("{} must be {}, not \"{}\"", given.place, *expected, value);
  }
  return std::nullopt;
}

std::string cannot_be_read(const std::string& path) {
  return fmt::format("{} cannot be read: {}", path, std::strerror(errno));
}
bool is_open_to_others(const struct stat& file) {
  return (file.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}
std::string is_not_private(const std::string& path) {
  return fmt::format("{} may be read by others, and it can hold secrets; run: chmod 600 {}", path,
                     path);
}

// A secret alone in a file; its line break is not part of it.
std::expected<std::string, std::string> read_secret_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(cannot_be_read(path));
  struct stat file{};
  std::array<char, kSecretFileMax> text;
  const bool readable = ::fstat(fd, &file) == 0;
  const bool open_to_others = readable && S_ISREG(file.st_mode) && is_open_to_others(file);
  const ssize_t size = readable && !open_to_others ? ::read(fd, text.data(), text.size()) : -1;
  const int error = errno;
  ::close(fd);
  errno = error;
  if (open_to_others) return std::unexpected(is_not_private(path));
  if (size < 0) return std::unexpected(cannot_be_read(path));
  std::string secret(trim({text.data(), static_cast<std::size_t>(size)}));
  wipe(text.data(), text.size());
  return secret;
}

// The secret and the file that holds it are one thing given in two ways: the stronger source wins.
Problem apply_secret_file(const OptionRows& rows, std::size_t row, const Givens& given,
                          const ReadInto& read) {
  const Given& file = given[row];
  const std::size_t secret = row_of(rows, rows[row]->traits.file_of);
  const Given& direct = given[secret];
  if (file.values.empty() || direct.source > file.source) return std::nullopt;
  if (!direct.values.empty() && direct.source == file.source) {
    return fmt::format("{} and {} say the same thing; give one of them", direct.place, file.place);
  }
  const std::string& path = file.values.front();
  auto text = read_secret_file(path);
  if (!text) return fmt::format("{}: {}", file.place, text.error());
  const Expected expected = read(secret, *text);
  wipe(*text);
  if (!expected) return std::nullopt;
  return fmt::format("{}: {} must hold {}", file.place, path, *expected);
}

Problem apply_all(const OptionRows& rows, const Givens& given, const ReadInto& read) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i]->traits.file_of.empty()) continue;
    if (Problem problem = apply(*rows[i], given[i], i, read)) return problem;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]->traits.file_of.empty()) continue;
    if (Problem problem = apply_secret_file(rows, i, given, read)) return problem;
  }
  return std::nullopt;
}

// --- The whole.

Problem check_private(const std::string& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) {
    return fmt::format("{}: cannot be read: {}", path, std::strerror(errno));
  }
  if (!is_open_to_others(file)) return std::nullopt;
  return is_not_private(path);
}

Problem take_named_file(const OptionRows& rows, const OptionFile& file, const Given& named,
                        Environment environment, const ReadInto& read, Givens& given) {
  if (named.values.empty()) return std::nullopt;
  const std::size_t row = row_of(rows, file.option);
  if (Problem problem = apply(*rows[row], named, row, read)) return problem;
  const auto path = file.path(named.values.front(), environment);
  if (!path) return path.error();
  if (file.is_private) {
    if (Problem problem = check_private(*path)) return problem;
  }
  return take_file(rows, *path, given);
}

// A stronger source that sets an option anew makes what belonged to it worthless: the token in a
// profile is not for the channel that a flag names.
void drop_what_belonged(const OptionRows& rows, const Givens& strong, Givens& given) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]->traits.belongs_to.empty()) continue;
    const Given& owner = strong[row_of(rows, rows[i]->traits.belongs_to)];
    const bool anew = owner.source > Source::file && given[i].source == Source::file;
    if (anew) given[i] = Given{.place = std::string(rows[i]->name)};
  }
}

}  // namespace

std::string env_name(const OptionInfo& option) {
  if (!option.traits.env.empty()) return std::string(option.traits.env);
  std::string name(kEnvPrefix);
  for (const char c : option.name) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
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

std::expected<std::vector<Given>, std::string> read_rows(const OptionRows& rows,
                                                         const OptionFile& file,
                                                         std::span<const std::string> arguments,
                                                         Environment environment,
                                                         const ReadInto& read) {
  // Flags and environment are read first, because one of them may name the file.
  Givens strong(rows.size());
  take_environment(rows, environment, strong);
  if (Problem problem = take_arguments(rows, arguments, strong)) return std::unexpected(*problem);

  Givens given = defaults(rows);
  const Given named = strong[row_of(rows, file.option)];
  if (Problem problem = take_named_file(rows, file, named, environment, read, given)) {
    return std::unexpected(*problem);
  }
  drop_what_belonged(rows, strong, given);
  for (std::size_t i = 0; i < strong.size(); ++i) {
    if (strong[i].source != Source::built_in) given[i] = std::move(strong[i]);
  }
  if (Problem problem = apply_all(rows, given, read)) return std::unexpected(*problem);
  return given;
}

bool is_variable(std::string_view variable, std::string_view name) {
  return variable.starts_with(name) && variable.substr(name.size()).starts_with('=');
}

std::string_view home_of(Environment environment) {
  return value_of(environment, "HOME");
}

Problem find_unknown_variable(Environment environment, const OptionRows& of_all_verbs) {
  std::vector<std::string> names;
  for (const OptionInfo* row : of_all_verbs) names.push_back(env_name(*row));
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const std::string_view variable : environment) {
    const std::string_view name = variable.substr(0, variable.find('='));
    if (!name.starts_with(kEnvPrefix) || std::ranges::find(known, name) != known.end()) continue;
    return fmt::format("the environment variable {} is no option{}", name, suggestion(name, known));
  }
  return std::nullopt;
}

std::vector<SecretArgument> find_secrets(const OptionRows& rows,
                                         std::span<const std::string> arguments) {
  std::vector<SecretArgument> found;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--")) continue;
    const auto [name, value] = split_argument(arguments[i]);
    const std::size_t row = row_of(rows, name);
    if (row == kUnknown || !rows[row]->traits.secret) continue;
    if (value) {
      found.push_back({i, arguments[i].size() - value->size()});
    } else if (i + 1 < arguments.size()) {
      found.push_back({++i, 0});
    }
  }
  return found;
}

std::vector<std::string> names_of_secrets(const OptionRows& rows) {
  std::vector<std::string> names;
  for (const OptionInfo* row : rows) {
    if (!row->traits.secret) continue;
    names.push_back(env_name(*row));
    if (!row->traits.other_env.empty()) names.emplace_back(row->traits.other_env);
  }
  return names;
}

void forget_secrets(const OptionRows& rows, std::span<std::string> arguments,
                    std::span<std::string> environment, std::span<Given> given) {
  for (const SecretArgument& secret : find_secrets(rows, arguments)) {
    wipe(arguments[secret.argument]);
  }
  for (const std::string& name : names_of_secrets(rows)) {
    for (std::string& variable : environment) {
      if (is_variable(variable, name)) wipe(variable);
    }
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!rows[i]->traits.secret) continue;
    for (std::string& value : given[i].values) wipe(value);
  }
}

}  // namespace rogerthat::cli
