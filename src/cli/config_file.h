// The configuration file as a flat list of keys and values: TOML, and where in the file each key
// stands. Which keys exist is said by the option table.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace rogerthat::cli {

struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  // one; any number where the file has an array
  bool is_array = false;
  std::size_t line = 0;
  std::size_t column = 0;
};

// The error is one sentence that names the file and, where it can, the place in it.
std::expected<std::vector<ConfigEntry>, std::string> read_config_file(const std::string& path);

}  // namespace rogerthat::cli
