// JSON-RPC 2.0 as MCP uses it. Reading one message out of a parsed document, and
// writing results, errors and notifications. An id is kept as the JSON it was, because its type is
// part of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/protocol.h"

namespace rogerthat::mcp {

inline constexpr std::size_t kIdBytesMax = 256;  // of ids and progress tokens, as JSON
inline constexpr std::string_view kNoId = "null";

// Views into this thread's document.
struct Message {
  enum class Kind : std::uint8_t { request, notification, response };

  Kind kind = Kind::request;
  std::string id;  // as JSON; empty for a notification
  std::string_view method;
  std::optional<JsonValue> params;  // an object
  std::optional<JsonValue> result;  // of a response: one of these two
  std::optional<JsonValue> error;
};

// Why something is no message, ready to be answered.
struct BadMessage {
  std::string id = std::string(kNoId);
  ErrorCode code = ErrorCode::invalid_request;
  std::string message;
};

std::expected<Message, BadMessage> read_message(const JsonValue& value);
// Parses one text first. Arrays are none of its business: they are refused.
std::expected<Message, BadMessage> parse_message(std::string_view text);
BadMessage not_json(const JsonError& error);

// A string or a number as JSON; nullopt for anything else, and for what is too long.
std::optional<std::string> id_as_json(const JsonValue& value);

// Each appends one message without a line break.
void append_result(std::string& out, std::string_view id, std::string_view result_json);
void append_error(std::string& out, std::string_view id, ErrorCode code, std::string_view message,
                  std::string_view data_json = {});
void append_notification(std::string& out, std::string_view method, std::string_view params_json);
void append_request(std::string& out, std::string_view id, std::string_view method,
                    std::string_view params_json);

}  // namespace rogerthat::mcp
