#include "mcp/protocol.h"

#include <cstddef>

namespace rogerthat::mcp {

namespace {
constexpr std::string_view kLogLevels[] = {"debug", "info",     "notice", "warning",
                                           "error", "critical", "alert",  "emergency"};
}  // namespace

std::string_view to_string(LogLevel level) {
  return kLogLevels[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kLogLevels); ++i) {
    if (kLogLevels[i] == text) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

}  // namespace rogerthat::mcp
