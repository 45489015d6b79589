#include "outbox/hook_url.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/webhook.h"
#include "net/public_addresses.h"

namespace rogerthat::outbox {

namespace {

constexpr std::string_view kUrlHint = "Give the http or https URL of a server that takes POST.";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// 127.1, 0x7f000001, 2130706433, 0177.0.0.1: old ways to write an address, which resolvers still
// understand. As URLs are read today, a host whose last part is a number is an address, or nothing.
bool ends_in_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto dot = host.rfind('.');
  const std::string_view last = dot == host.npos ? host : host.substr(dot + 1);
  return std::ranges::all_of(last, is_digit) || last.starts_with("0x");
}

}  // namespace

std::vector<net::IpNetwork> with_this_machine(std::vector<net::IpNetwork> allowed) {
  allowed.push_back(*net::IpNetwork::parse("127.0.0.0/8"));
  allowed.push_back(*net::IpNetwork::parse("::1"));
  return allowed;
}

Result<net::Url> parse_hook_url(std::string_view url) {
  if (url.empty()) return fail(ErrorCode::invalid, "url is missing.", std::string(kUrlHint));
  if (url.size() > core::kHookUrlBytesMax) {
    return fail(ErrorCode::invalid,
                fmt::format("url has more than {} bytes.", core::kHookUrlBytesMax));
  }
  auto parsed = net::Url::parse(url);
  if (!parsed) {
    return fail(ErrorCode::invalid, fmt::format("url {}.", parsed.error()), std::string(kUrlHint));
  }
  if (ends_in_number(parsed->host) && !net::IpAddress::parse(parsed->host)) {
    return fail(ErrorCode::invalid, "url has a number for a host that is no address.",
                "Write an IPv4 address as four decimal numbers.");
  }
  return std::move(*parsed);
}

Result<void> judge_hook_host(const net::Resolver::Found& found,
                             std::span<const net::IpNetwork> allowed) {
  const bool fine =
      found && !found->empty() && std::ranges::all_of(*found, [&](const net::IpAddress& address) {
        return net::may_be_reached(address, allowed);
      });
  if (fine) return {};
  return fail(ErrorCode::invalid, fmt::format("url is not usable: {}.", kNoPublicAddress),
              "Check the name. Private, loopback, link-local and reserved addresses are refused, "
              "unless the operator allows them with --webhook-allow.");
}

}  // namespace rogerthat::outbox
