// One HTTP request as the parser understood it. The request type and its look-ups.
// Everything in it views into the loop's input buffer and dies when the handler returns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/address.h"

namespace rogerthat::net {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

struct Header {
  std::string_view name;   // as sent
  std::string_view value;  // without surrounding white space
};

struct Request {
  Method method = Method::get;
  std::string_view method_name;  // as sent
  std::string_view target;       // origin form: path and query
  std::string_view path;         // up to '?', not decoded
  std::string_view query;        // after '?', not decoded
  std::span<const Header> headers;
  std::string_view body;  // chunks joined
  std::string_view host;  // the Host header, or X-Forwarded-Host from a trusted proxy
  bool http_1_0 = false;
  bool secure = false;     // TLS here, or X-Forwarded-Proto: https from a trusted proxy
  bool forwarded = false;  // some forwarding header is present (trusted or not)
  IpAddress peer;          // the other end of the TCP connection
  IpAddress client;        // behind trusted proxies; equal to peer where there is none

  std::optional<std::string_view> header(std::string_view name) const;  // any case; the first one
  // Raw value of a query parameter (the last one of that name), percent-decoded.
  std::optional<std::string> query_parameter(std::string_view name) const;
};

std::string_view to_string(Method method);

}  // namespace rogerthat::net
