#include "cli/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace rogerthat::cli {

namespace {

// Empty for what no option takes: tables, dates, fractions.
std::optional<std::string> scalar(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

std::unexpected<std::string> wrong(const std::string& path, const ConfigEntry& entry,
                                   std::string_view what) {
  return std::unexpected(
      fmt::format("{}:{}:{}: {} {}", path, entry.line, entry.column, entry.key, what));
}

std::expected<ConfigEntry, std::string> read_entry(const std::string& path, const toml::key& key,
                                                   const toml::node& node) {
  ConfigEntry entry;
  entry.key = std::string(key.str());
  entry.line = key.source().begin.line;
  entry.column = key.source().begin.column;
  if (const auto* array = node.as_array()) {
    entry.is_array = true;
    for (const toml::node& item : *array) {
      auto value = scalar(item);
      if (!value) return wrong(path, entry, "holds something that is no string or number");
      entry.values.push_back(std::move(*value));
    }
    return entry;
  }
  auto value = scalar(node);
  if (node.is_table()) return wrong(path, entry, "is a table; all keys stand at the top level");
  if (!value)
    return wrong(path, entry, "must be a string, a whole number, true, false or an array");
  entry.values.push_back(std::move(*value));
  return entry;
}

}  // namespace

std::expected<std::vector<ConfigEntry>, std::string> read_config_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || (text << file.rdbuf(), file.bad())) {
    return std::unexpected(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  std::vector<ConfigEntry> entries;
  try {
    const toml::table table = toml::parse(text.str(), path);
    for (const auto& [key, node] : table) {
      auto entry = read_entry(path, key, node);
      if (!entry) return std::unexpected(std::move(entry.error()));
      entries.push_back(std::move(*entry));
    }
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    return std::unexpected(
        fmt::format("{}:{}:{}: {}", path, at.line, at.column, error.description()));
  }
  // In the order of the file, so that the first mistake is the one that is told.
  std::sort(entries.begin(), entries.end(),
            [](const ConfigEntry& a, const ConfigEntry& b) { return a.line < b.line; });
  return entries;
}

}  // namespace rogerthat::cli
