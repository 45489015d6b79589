// The words of the Model Context Protocol: revisions, error codes, names of fields.
// Constants, the two eras, and the few names that come as text. No behaviour.
//
// Legacy: revisions with an `initialize` handshake and sessions. Modern: stateless requests that
// carry their revision and the client's capabilities in `params._meta`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rogerthat::mcp {

enum class Era : std::uint8_t { legacy, modern };

inline constexpr std::string_view kModernRevision = "2026-07-28";
inline constexpr std::string_view kLegacyRevisions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                                        "2024-11-05"};
inline constexpr std::string_view kLatestLegacy = kLegacyRevisions[0];
inline constexpr std::string_view kAssumedLegacy = "2025-03-26";  // no MCP-Protocol-Version header

enum class ErrorCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal = -32603,
  server_error = -32000,             // legacy: transport trouble
  session_not_found = -32001,        // legacy
  legacy_resource_missing = -32002,  // legacy; modern says invalid_params
  header_mismatch = -32020,
  missing_client_capability = -32021,
  unsupported_version = -32022,
};

namespace meta {
inline constexpr std::string_view kProtocolVersion = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kClientCapabilities =
    "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kClientInfo = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kServerInfo = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kLogLevel = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view kSubscriptionId = "io.modelcontextprotocol/subscriptionId";
}  // namespace meta

enum class LogLevel : std::uint8_t {
  debug,
  info,
  notice,
  warning,
  error,
  critical,
  alert,
  emergency,
};

std::string_view to_string(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view text);

// What a client has said that it can do for a server. Anything else it declares is not ours to use.
struct ClientCapabilities {
  bool elicitation = false;
  bool sampling = false;
  bool roots = false;
  bool any() const { return elicitation || sampling || roots; }
};

}  // namespace rogerthat::mcp
