#include "mcp/http_headers.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/utf8.h"

namespace rogerthat::mcp {

namespace {

constexpr std::string_view kBase64Begin = "=?base64?";
constexpr std::string_view kBase64End = "?=";

bool is(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() && equal_ignoring_case(name, wanted);
}

// A proxy may go by the one and this server by the other.
void take_once(HttpHeaders& headers, std::optional<std::string_view>& field,
               const net::Header& header) {
  if (field) headers.repeated = header.name;
  field = header.value;
}

void take_mcp(HttpHeaders& headers, const net::Header& header) {
  if (is(header.name, "Mcp-Session-Id")) {
    take_once(headers, headers.session_id, header);
  } else if (is(header.name, "MCP-Protocol-Version")) {
    take_once(headers, headers.protocol_version, header);
  } else if (is(header.name, "Mcp-Method")) {
    take_once(headers, headers.method, header);
  } else if (is(header.name, "Mcp-Name")) {
    take_once(headers, headers.name, header);
  }
}

}  // namespace

HttpHeaders read_headers(const net::Request& request) {
  HttpHeaders headers;
  for (const net::Header& header : request.headers) {
    if (header.name.empty()) continue;
    switch (header.name.front() | 0x20) {
      case 'm':
        take_mcp(headers, header);
        break;
      case 'a':
        if (is(header.name, "Accept") && !headers.accept) headers.accept = header.value;
        if (is(header.name, "Authorization")) headers.authorization = header.value;
        break;
      case 'c':
        if (is(header.name, "Content-Type")) headers.content_type = header.value;
        break;
      case 'l':
        if (is(header.name, "Last-Event-ID")) headers.last_event_id = header.value;
        break;
      default:
        break;
    }
  }
  return headers;
}

namespace {
std::string_view media_type(std::string_view value) {
  return trim(value.substr(0, value.find(';')));
}
}  // namespace

Accepted read_accept(std::optional<std::string_view> accept) {
  if (!accept || trim(*accept).empty()) return {};
  Accepted accepted{.json = false, .events = false};
  std::string_view rest = *accept;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view type = media_type(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    if (is(type, "application/json") || is(type, "*/*") || is(type, "application/*")) {
      accepted.json = true;
    } else if (is(type, "text/event-stream") || is(type, "text/*")) {
      accepted.events = true;
    }
  }
  return accepted;
}

bool may_be_json(std::optional<std::string_view> content_type) {
  if (!content_type) return true;
  const std::string_view type = media_type(*content_type);
  if (type.empty() || is(type, "application/json")) return true;
  return type.size() > 5 && is(type.substr(type.size() - 5), "+json");
}

std::optional<std::string> decode_header_value(std::string_view value) {
  if (value.size() < kBase64Begin.size() + kBase64End.size() || !value.starts_with(kBase64Begin) ||
      !value.ends_with(kBase64End)) {
    return std::string(value);
  }
  const std::string_view encoded =
      value.substr(kBase64Begin.size(), value.size() - kBase64Begin.size() - kBase64End.size());
  auto decoded = decode_base64(encoded);
  // Only the standard alphabet, padded: what encodes back to the same text.
  if (!decoded || base64(*decoded) != encoded) return std::nullopt;
  return decoded;
}

}  // namespace rogerthat::mcp
