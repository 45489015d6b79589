#include "api/http/cors.h"

#include <algorithm>

#include "base/utf8.h"

namespace rogerthat::api {

namespace {
constexpr std::string_view kExposed =
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After";
constexpr std::string_view kRequestHeaders =
    "Authorization, Content-Type, Last-Event-ID, X-Hub-Token, X-Identity-Key, X-Owner-Password, "
    "X-Session-Id";
}  // namespace

CorsPolicy::CorsPolicy(const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    std::string lines = "Access-Control-Allow-Origin: " + origin + "\r\n";
    if (origin != "*") lines += "Vary: Origin\r\n";
    lines += "Access-Control-Expose-Headers: ";
    lines += kExposed;
    lines += "\r\n";
    origins_.push_back({origin, std::move(lines)});
  }
}

const CorsOrigin* CorsPolicy::find(std::string_view origin) const {
  const auto at = std::ranges::find_if(origins_, [&](const CorsOrigin& o) {
    return o.origin == "*" || equal_ignoring_case(o.origin, origin);
  });
  return at == origins_.end() ? nullptr : &*at;
}

bool answers_preflight(std::string_view path) {
  return path.starts_with("/api/") || path.starts_with("/messages");
}

net::Response preflight_response(const CorsOrigin* allowed, std::string allow) {
  net::Response response;
  response.status = 204;
  if (allowed != nullptr) {
    response.headers.emplace_back("Access-Control-Allow-Methods", allow);
    response.headers.emplace_back("Access-Control-Allow-Headers", std::string(kRequestHeaders));
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

void add_cors_headers(const CorsOrigin& allowed, net::Response& response) {
  response.headers.emplace_back("Access-Control-Allow-Origin", allowed.origin);
  if (allowed.origin != "*") response.headers.emplace_back("Vary", "Origin");
  response.headers.emplace_back("Access-Control-Expose-Headers", std::string(kExposed));
}

}  // namespace rogerthat::api
