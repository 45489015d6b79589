// What a request of the modern era says of itself, twice: in its `_meta` and in its headers.
// Reading the claim, and judging whether body and headers agree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/application.h"
#include "mcp/http_headers.h"
#include "mcp/json_rpc.h"
#include "mcp/protocol.h"
#include "net/request.h"

namespace rogerthat::mcp {

// The revision that a message claims in its `_meta`; nullopt: none, the message is legacy.
std::optional<JsonValue> claimed_revision(const Message& message);

struct ModernClaim {
  ClientCapabilities client;
  std::optional<LogLevel> log_level;
};

struct ModernRefusal {
  ErrorCode code;
  std::string message;
  std::string data = {};  // JSON
};

// Judges the claim and the headers that do not depend on the method.
std::expected<ModernClaim, ModernRefusal> judge_claim(const Message& message,
                                                      const HttpHeaders& headers);
// Judges Mcp-Name and Mcp-Param-*, for a method that exists.
std::optional<ModernRefusal> judge_name(const Request& described, const HttpHeaders& headers,
                                        const net::Request& request);

}  // namespace rogerthat::mcp
