// One HTTP answer as a value. Status, headers, body. The connection adds what every
// answer carries (Content-Length, Date, nosniff, Referrer-Policy, HSTS over TLS, Connection).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rogerthat::net {

inline constexpr std::string_view kJson = "application/json; charset=utf-8";

struct Response {
  int status = 200;
  std::string_view content_type = kJson;  // static storage
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;  // names: static storage
};

std::string_view reason_phrase(int status);

}  // namespace rogerthat::net
