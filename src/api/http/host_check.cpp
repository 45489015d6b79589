#include "api/http/host_check.h"

#include <algorithm>

#include "base/utf8.h"
#include "net/address.h"

namespace rogerthat::api {

namespace {

struct Authority {
  std::string_view host;  // IPv6 without brackets
  std::string_view port;  // empty: none
  bool bracketed = false;
  bool valid = false;
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Authority split(std::string_view text) {
  Authority out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return out;
    out.host = text.substr(1, end - 1);
    out.bracketed = true;
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = text.find(':');
    out.host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    if (out.host.ends_with('.')) out.host.remove_suffix(1);
  }
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !all_digits(rest.substr(1))) return out;
    out.port = rest.substr(1);
  }
  out.valid = !out.host.empty();
  return out;
}

struct SplitOrigin {
  std::string_view scheme;
  Authority authority;
};

SplitOrigin split_origin(std::string_view origin) {
  const std::size_t at = origin.find("://");
  if (at == std::string_view::npos) return {};
  std::string_view rest = origin.substr(at + 3);
  rest = rest.substr(0, rest.find('/'));
  return {origin.substr(0, at), split(rest)};
}

std::string_view default_port(std::string_view scheme) {
  return equal_ignoring_case(scheme, "https") ? "443" : "80";
}

bool same_authority(const Authority& a, const Authority& b, std::string_view fallback_port) {
  const auto port = [&](const Authority& x) { return x.port.empty() ? fallback_port : x.port; };
  return a.valid && b.valid && equal_ignoring_case(a.host, b.host) && port(a) == port(b);
}

bool is_own_name(const HostRules& rules, std::string_view host) {
  if (equal_ignoring_case(host, "localhost")) return true;
  if (!rules.public_host.empty() && equal_ignoring_case(host, rules.public_host)) return true;
  return std::ranges::any_of(rules.allowed_hosts, [&](const std::string& allowed) {
    return equal_ignoring_case(host, allowed);
  });
}

}  // namespace

HostRules host_rules(std::string_view public_origin, std::vector<std::string> allowed_hosts,
                     bool loopback_only) {
  HostRules rules;
  rules.public_host = lower_ascii(split_origin(public_origin).authority.host);
  rules.allowed_hosts = std::move(allowed_hosts);
  for (std::string& host : rules.allowed_hosts) host = lower_ascii(split(host).host);
  rules.loopback_only = loopback_only;
  return rules;
}

HostVerdict check_host(const HostRules& rules, std::string_view host) {
  const Authority authority = split(host);
  if (!authority.valid) return {};
  // A literal cannot be pointed elsewhere by a name server; on loopback only its own are right.
  if (const auto address = net::IpAddress::parse(authority.host);
      address && authority.bracketed != address->is_v4()) {
    const bool named = is_own_name(rules, authority.host);
    return {.allowed = named || address->is_loopback() || !rules.loopback_only, .edition = {}};
  }
  if (authority.bracketed) return {};
  if (is_own_name(rules, authority.host)) return {.allowed = true, .edition = {}};
  const std::size_t dot = authority.host.find('.');
  if (dot == std::string_view::npos || !is_own_name(rules, authority.host.substr(dot + 1))) {
    return {};
  }
  const auto edition = core::parse_edition(lower_ascii(authority.host.substr(0, dot)));
  if (!edition) return {};
  return {.allowed = true, .edition = *edition};
}

bool names_loopback(std::string_view host_or_origin) {
  const bool origin = host_or_origin.find("://") != std::string_view::npos;
  const Authority authority =
      origin ? split_origin(host_or_origin).authority : split(host_or_origin);
  if (!authority.valid) return false;
  const std::string host = lower_ascii(authority.host);
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto address = net::IpAddress::parse(host);
  return address && address->is_loopback();
}

bool only_this_machine(std::string_view public_origin, std::span<const std::string> allowed_hosts) {
  return (public_origin.empty() || names_loopback(public_origin)) &&
         std::ranges::all_of(allowed_hosts,
                             [](const std::string& host) { return names_loopback(host); });
}

bool is_same_origin(std::string_view origin, std::string_view host,
                    std::string_view public_origin) {
  const SplitOrigin from = split_origin(origin);
  if (!from.authority.valid) return false;
  const std::string_view port = default_port(from.scheme);
  if (same_authority(from.authority, split(host), port)) return true;
  const SplitOrigin own = split_origin(public_origin);
  return own.authority.valid && equal_ignoring_case(own.scheme, from.scheme) &&
         same_authority(from.authority, own.authority, port);
}

}  // namespace rogerthat::api
