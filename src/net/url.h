// An absolute http or https URL, taken apart strictly. The parser and the value. What
// carries credentials or a fragment is refused: neither belongs into a request.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace rogerthat::net {

struct Url {
  bool secure = false;
  std::string host;  // lower case; IPv6 without brackets
  std::uint16_t port = 0;
  std::string authority;  // as the Host header has it: no default port
  std::string target;     // path and query, begins with '/'

  std::string origin() const;  // "https://hub.example:8443"

  // The error says what is wrong, as the end of a sentence: "has no host".
  static std::expected<Url, std::string_view> parse(std::string_view text);
};

}  // namespace rogerthat::net
