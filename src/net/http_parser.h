// The head of an HTTP/1.x request, understood strictly. Finding its end and parsing it.
// Whatever two parsers could read differently is refused, so that no proxy in front of us can be
// talked past. No I/O and no state: bytes in, values or a refusal out.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "net/request.h"

namespace rogerthat::net {

struct BadRequest {
  int status = 400;
  std::string_view reason;  // static storage: a sentence for whoever wrote the client
};

enum class HeadSearch : std::uint8_t { more, found, refused };

struct HeadEnd {
  HeadSearch outcome = HeadSearch::more;
  std::size_t size = 0;  // of the head with its empty line, where found
  BadRequest refusal = {};
};

// `scanned` says how much has been searched already and is moved on.
HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned, std::size_t size_max);

struct Head {
  Method method = Method::other;
  std::string_view method_name, target, path, query, host;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool chunked = false;
  bool has_length = false;
  bool forwarded = false;  // a forwarding header of the common kinds is present
  std::uint64_t length = 0;
};

// `head` is what find_head_end() found. Headers are appended to `headers`, which is cleared first.
std::expected<Head, BadRequest> parse_head(std::string_view head, std::vector<Header>& headers);

// One field line without its line break; also used for trailers.
std::expected<Header, BadRequest> parse_field(std::string_view line);

// "name", "name:port", "[v6]:port" without user information.
bool is_valid_authority(std::string_view text);

}  // namespace rogerthat::net
