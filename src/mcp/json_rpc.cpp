#include "mcp/json_rpc.h"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace rogerthat::mcp {

namespace {

std::unexpected<BadMessage> refuse(std::string id, std::string message) {
  return std::unexpected(BadMessage{std::move(id), ErrorCode::invalid_request, std::move(message)});
}

void append_code(std::string& out, ErrorCode code) {
  const fmt::format_int digits(static_cast<int>(code));
  out.append(digits.data(), digits.size());
}

// What stands at the top of a message, as it stands.
struct Parts {
  std::optional<JsonValue> version, id, method, params, result, error;
};

Parts take_apart(const JsonValue& value) {
  Parts parts;
  value.each_field([&](std::string_view name, JsonValue field) {
    if (name == "jsonrpc") {
      parts.version = field;
    } else if (name == "id") {
      parts.id = field;
    } else if (name == "method") {
      parts.method = field;
    } else if (name == "params") {
      parts.params = field;
    } else if (name == "result") {
      parts.result = field;
    } else if (name == "error") {
      parts.error = field;
    }
  });
  return parts;
}

}  // namespace

std::optional<std::string> id_as_json(const JsonValue& value) {
  std::string id;
  JsonWriter json(id);
  switch (value.type()) {
    case JsonValue::Type::string:
      if (value.string().size() > kIdBytesMax) return std::nullopt;
      json.value(value.string());
      break;
    case JsonValue::Type::integer:
      json.value(value.integer());
      break;
    case JsonValue::Type::number:
      json.value(value.number());
      break;
    default:
      return std::nullopt;
  }
  if (id.size() > kIdBytesMax) return std::nullopt;
  return id;
}

std::expected<Message, BadMessage> read_message(const JsonValue& value) {
  if (!value.is(JsonValue::Type::object)) {
    return refuse(std::string(kNoId), "A message must be a JSON object.");
  }
  const Parts parts = take_apart(value);
  Message message;
  if (parts.id) {
    if (auto id = id_as_json(*parts.id)) {
      message.id = *std::move(id);
    } else if (!parts.id->is_null() || parts.method) {
      return refuse(
          std::string(kNoId),
          fmt::format("id must be a string or a number of at most {} bytes.", kIdBytesMax));
    }
  }
  std::string id = message.id.empty() ? std::string(kNoId) : message.id;
  if (!parts.version || !parts.version->is(JsonValue::Type::string) ||
      parts.version->string() != "2.0") {
    return refuse(std::move(id), "jsonrpc must be \"2.0\".");
  }
  if (!parts.method) {
    const bool error = parts.error && parts.error->is(JsonValue::Type::object);
    if (!parts.id || error == parts.result.has_value()) {
      return refuse(std::move(id),
                    "method is missing: a request names one, a response has an id "
                    "and either result or error.");
    }
    message.kind = Message::Kind::response;
    message.result = parts.result;
    if (error) message.error = parts.error;
    return message;
  }
  if (!parts.method->is(JsonValue::Type::string)) {
    return refuse(std::move(id), "method must be a string.");
  }
  message.method = parts.method->string();
  message.kind = parts.id ? Message::Kind::request : Message::Kind::notification;
  if (parts.params && !parts.params->is_null()) {
    if (!parts.params->is(JsonValue::Type::object)) {
      return refuse(std::move(id), "params must be an object.");
    }
    message.params = parts.params;
  }
  return message;
}

BadMessage not_json(const JsonError& error) {
  return {.code = ErrorCode::parse_error,
          .message = fmt::format("The body is not JSON: {} (byte {}).", error.reason, error.byte)};
}

std::expected<Message, BadMessage> parse_message(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return std::unexpected(not_json(document.error()));
  return read_message(*document);
}

namespace {
void begin_answer(std::string& out, std::string_view id) {
  out += R"({"jsonrpc":"2.0","id":)";
  out += id;
}
}  // namespace

void append_result(std::string& out, std::string_view id, std::string_view result_json) {
  begin_answer(out, id);
  out += R"(,"result":)";
  out += result_json;
  out += '}';
}

void append_error(std::string& out, std::string_view id, ErrorCode code, std::string_view message,
                  std::string_view data_json) {
  begin_answer(out, id);
  out += R"(,"error":{"code":)";
  append_code(out, code);
  out += R"(,"message":)";
  append_json_string(out, message);
  if (!data_json.empty()) {
    out += R"(,"data":)";
    out += data_json;
  }
  out += "}}";
}

void append_notification(std::string& out, std::string_view method, std::string_view params_json) {
  out += R"({"jsonrpc":"2.0","method":)";
  append_json_string(out, method);
  if (!params_json.empty()) {
    out += R"(,"params":)";
    out += params_json;
  }
  out += '}';
}

void append_request(std::string& out, std::string_view id, std::string_view method,
                    std::string_view params_json) {
  begin_answer(out, id);
  out += R"(,"method":)";
  append_json_string(out, method);
  if (!params_json.empty()) {
    out += R"(,"params":)";
    out += params_json;
  }
  out += '}';
}

}  // namespace rogerthat::mcp
