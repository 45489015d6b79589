#include "net/url.h"

#include <charconv>
#include <optional>

#include "base/utf8.h"
#include "net/address.h"
#include "net/http_chars.h"
#include "net/http_parser.h"

namespace rogerthat::net {

namespace {

constexpr std::size_t kUrlMax = 8 << 10;

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::string Url::origin() const {
  return (secure ? "https://" : "http://") + authority;
}

std::expected<Url, std::string_view> Url::parse(std::string_view text) {
  if (text.size() > kUrlMax) return std::unexpected("is too long");
  Url url;
  const auto scheme_end = text.find("://");
  const std::string_view scheme = text.substr(0, scheme_end);
  if (equal_ignoring_case(scheme, "https")) {
    url.secure = true;
  } else if (!equal_ignoring_case(scheme, "http")) {
    return std::unexpected("must begin with http:// or https://");
  }
  if (scheme_end == std::string_view::npos) return std::unexpected("has no host");
  std::string_view rest = text.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return std::unexpected("must not carry a user name or password");
  }
  if (rest.find('#') != std::string_view::npos) return std::unexpected("must not have a fragment");
  if (authority.empty() || !is_valid_authority(authority)) {
    return std::unexpected("has no valid host");
  }
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view name = authority.substr(0, colon);
  const std::uint16_t usual = url.secure ? 443 : 80;
  url.port = usual;
  if (colon != std::string_view::npos && colon + 1 < authority.size()) {
    const auto port = parse_port(authority.substr(colon + 1));
    if (!port) return std::unexpected("has a port that is no number from 1 to 65535");
    url.port = *port;
  }
  url.authority = lower_ascii(name);
  url.host = url.authority;
  if (url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  if (url.port != usual) url.authority += ":" + std::to_string(url.port);

  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  if (!all_of_class(url.target, kTargetChar)) {
    return std::unexpected("holds a character that must be percent-encoded");
  }
  return url;
}

}  // namespace rogerthat::net
