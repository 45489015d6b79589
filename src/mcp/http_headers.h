// The header fields that MCP gives a meaning. Picking them out of a request in one
// pass, and what Accept and Content-Type say. No judgement about eras.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/request.h"

namespace rogerthat::mcp {

struct HttpHeaders {
  std::optional<std::string_view> session_id;
  std::optional<std::string_view> protocol_version;
  std::optional<std::string_view> method;
  std::optional<std::string_view> name;
  std::optional<std::string_view> accept;
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> last_event_id;
  std::string_view repeated;  // one that must be there once came twice; empty: none
};
HttpHeaders read_headers(const net::Request& request);

struct Accepted {
  bool json = true;
  bool events = false;  // text/event-stream, asked for by name
};
// Whoever says nothing, or anything, gets JSON.
Accepted read_accept(std::optional<std::string_view> accept);
// Nothing said is fine: what the body is shows soon enough.
bool may_be_json(std::optional<std::string_view> content_type);

// A value as its sender meant it: `=?base64?...?=` is decoded. nullopt: that is no base64.
std::optional<std::string> decode_header_value(std::string_view value);

}  // namespace rogerthat::mcp
