#include "local_names.h"

#include <algorithm>
#include <string_view>

#include "base/utf8.h"

namespace rogerthat::conformance {

namespace {

constexpr std::string_view kNames[] = {"localhost", "127.0.0.1", "[::1]"};

bool is_local_authority(std::string_view authority) {
  const std::size_t end =
      authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  const std::string_view host = authority.substr(0, end);
  const std::string_view rest = authority.substr(host.size());
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!rest.empty() && (!rest.starts_with(':') || !std::ranges::all_of(rest.substr(1), is_digit))) {
    return false;
  }
  return std::ranges::any_of(
      kNames, [&](std::string_view name) { return equal_ignoring_case(host, name); });
}

}  // namespace

bool is_local(const net::Request& request) {
  if (!is_local_authority(request.host)) return false;
  const auto origin = request.header("Origin");
  if (!origin) return true;
  const std::size_t scheme = origin->find("://");
  return scheme != std::string_view::npos && is_local_authority(origin->substr(scheme + 3));
}

}  // namespace rogerthat::conformance
