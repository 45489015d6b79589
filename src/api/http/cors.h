// Which web pages of other origins may read our answers, and the header lines that tell browsers
// so. The policy made from the configuration. Same-origin pages need none of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/response.h"

namespace rogerthat::api {

struct CorsOrigin {
  std::string origin;        // "*" or "https://app.example"
  std::string header_lines;  // for every answer to a page of that origin
};

class CorsPolicy {
 public:
  explicit CorsPolicy(const std::vector<std::string>& origins);
  // Null: pages of that origin may not.
  const CorsOrigin* find(std::string_view origin) const;

 private:
  std::vector<CorsOrigin> origins_;
};

// Paths whose OPTIONS is a preflight of ours.
bool answers_preflight(std::string_view path);
net::Response preflight_response(const CorsOrigin* allowed, std::string allow);
void add_cors_headers(const CorsOrigin& allowed, net::Response& response);

}  // namespace rogerthat::api
