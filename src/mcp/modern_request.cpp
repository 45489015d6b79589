#include "mcp/modern_request.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.h"
#include "mcp/dispatch.h"

namespace rogerthat::mcp {

namespace {

constexpr std::string_view kParamPrefix = "Mcp-Param-";

std::optional<JsonValue> meta_of(const Message& message) {
  return message.params ? message.params->find("_meta") : std::nullopt;
}

std::string shown(std::string_view value) {
  return std::string(cut_to_code_points(is_valid_utf8(value) ? value : "(not UTF-8)", 128));
}

ModernRefusal differs(std::string_view header, std::string_view value, std::string_view body) {
  return {ErrorCode::header_mismatch,
          fmt::format("Header mismatch: {} header value '{}' does not match body value '{}'.",
                      header, shown(value), shown(body))};
}

ModernRefusal missing(std::string_view header, std::string_view body) {
  return {
      ErrorCode::header_mismatch,
      fmt::format("Header mismatch: the {} header is missing; it must say '{}' as the body does.",
                  header, shown(body))};
}

ModernRefusal invalid(std::string message) {
  return {ErrorCode::invalid_params, std::move(message)};
}

ModernRefusal unsupported(std::string_view requested) {
  std::string data;
  JsonWriter json(data);
  json.begin_object();
  json.key("supported").begin_array().value(kModernRevision).end_array();
  json.field("requested", requested);
  json.end_object();
  return {ErrorCode::unsupported_version, "Unsupported protocol version.", std::move(data)};
}

}  // namespace

std::optional<JsonValue> claimed_revision(const Message& message) {
  const auto fields = meta_of(message);
  return fields ? fields->find(meta::kProtocolVersion) : std::nullopt;
}

std::expected<ModernClaim, ModernRefusal> judge_claim(const Message& message,
                                                      const HttpHeaders& headers) {
  const auto refuse = [](ModernRefusal refusal) { return std::unexpected(std::move(refusal)); };
  std::optional<JsonValue> version;
  std::optional<JsonValue> capabilities;
  std::optional<JsonValue> log_level;
  if (const auto fields = meta_of(message); fields && fields->is(JsonValue::Type::object)) {
    fields->each_field([&](std::string_view name, JsonValue value) {
      if (name == meta::kProtocolVersion) version = value;
      if (name == meta::kClientCapabilities) capabilities = value;
      if (name == meta::kLogLevel) log_level = value;
    });
  }
  if (!version || !version->is(JsonValue::Type::string)) {
    return refuse(invalid(fmt::format("params._meta[\"{}\"] must be a revision like \"{}\".",
                                      meta::kProtocolVersion, kModernRevision)));
  }
  const std::string_view claim = version->string();
  if (!headers.repeated.empty()) {
    return refuse({ErrorCode::header_mismatch,
                   fmt::format("Header mismatch: {} came more than once.", headers.repeated)});
  }
  if (!headers.protocol_version) return refuse(missing("MCP-Protocol-Version", claim));
  if (*headers.protocol_version != claim) {
    return refuse(differs("MCP-Protocol-Version", *headers.protocol_version, claim));
  }
  if (claim != kModernRevision) return refuse(unsupported(claim));
  if (!capabilities || !capabilities->is(JsonValue::Type::object)) {
    return refuse(invalid(fmt::format("params._meta[\"{}\"] must be an object; {{}} is enough.",
                                      meta::kClientCapabilities)));
  }
  ModernClaim out{.client = read_capabilities(*capabilities), .log_level = std::nullopt};
  if (log_level && !log_level->is_null()) {
    if (log_level->is(JsonValue::Type::string))
      out.log_level = parse_log_level(log_level->string());
    if (!out.log_level) {
      return refuse(
          invalid(fmt::format("params._meta[\"{}\"] must be one of debug, info, notice, "
                              "warning, error, critical, alert, emergency.",
                              meta::kLogLevel)));
    }
  }
  if (!headers.method) return refuse(missing("Mcp-Method", message.method));
  if (*headers.method != message.method) {
    return refuse(differs("Mcp-Method", *headers.method, message.method));
  }
  return out;
}

namespace {

std::optional<JsonValue> follow(std::optional<JsonValue> value,
                                const std::vector<std::string>& path) {
  for (const std::string& step : path) {
    if (value) value = value->find(step);
  }
  return value;
}

// Integers are the same number however they are written.
bool same_number(std::string_view text, std::int64_t number) {
  double parsed = 0;
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, whole);
      error == std::errc() && at == end) {
    return whole == number;
  }
  const auto [at, error] = std::from_chars(text.data(), end, parsed);
  return error == std::errc() && at == end && parsed == static_cast<double>(number);
}

bool says(std::string_view header_value, const JsonValue& argument) {
  switch (argument.type()) {
    case JsonValue::Type::string:
      return header_value == argument.string();
    case JsonValue::Type::boolean:
      return header_value == (argument.boolean() ? "true" : "false");
    case JsonValue::Type::integer:
      return same_number(header_value, argument.integer());
    default:
      return true;  // nothing that a header can repeat: the tool refuses it
  }
}

std::string as_text(const JsonValue& argument) {
  if (argument.is(JsonValue::Type::string)) return std::string(argument.string());
  std::string text;
  append_json(text, argument);
  return text;
}

std::optional<ModernRefusal> judge_argument(const HeaderArgument& declared,
                                            const std::optional<JsonValue>& arguments,
                                            const net::Request& request) {
  const std::string header = std::string(kParamPrefix) + declared.header;
  const auto argument = follow(arguments, declared.path);
  const auto value = request.header(header);
  if (!argument) {
    if (!value) return std::nullopt;
    return ModernRefusal{ErrorCode::header_mismatch,
                         fmt::format("Header mismatch: {} is there, but the argument that it "
                                     "repeats is not.",
                                     header)};
  }
  if (!value) return missing(header, as_text(*argument));
  const auto decoded = decode_header_value(*value);
  if (!decoded) {
    return ModernRefusal{
        ErrorCode::header_mismatch,
        fmt::format("Header mismatch: {} is not valid base64, with padding.", header)};
  }
  if (!says(*decoded, *argument)) return differs(header, *decoded, as_text(*argument));
  return std::nullopt;
}

}  // namespace

std::optional<ModernRefusal> judge_name(const Request& described, const HttpHeaders& headers,
                                        const net::Request& request) {
  const std::string_view name = described.name;
  if (name.empty()) return std::nullopt;
  if (!headers.name) return missing("Mcp-Name", name);
  if (*headers.name != name || headers.name->starts_with("=?")) {
    const auto decoded = decode_header_value(*headers.name);
    if (!decoded) {
      return ModernRefusal{ErrorCode::header_mismatch,
                           "Header mismatch: Mcp-Name is not valid base64, with padding."};
    }
    if (*decoded != name) return differs("Mcp-Name", *decoded, name);
  }
  if (described.tool == nullptr) return std::nullopt;
  for (const HeaderArgument& declared : described.tool->header_arguments) {
    if (auto refusal = judge_argument(declared, described.arguments, request)) return refusal;
  }
  return std::nullopt;
}

}  // namespace rogerthat::mcp
