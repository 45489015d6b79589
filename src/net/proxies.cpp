#include "net/proxies.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "net/http_parser.h"

namespace rogerthat::net {

namespace {

std::string_view last_element(std::string_view list) {
  const auto comma = list.rfind(',');
  return trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

}  // namespace

std::optional<IpAddress> parse_forwarded_address(std::string_view entry) {
  entry = trim(entry);
  if (entry.starts_with('[')) return IpAddress::parse(entry.substr(0, entry.find(']') + 1));
  const auto colon = entry.find(':');
  const bool v4_with_port = colon != std::string_view::npos && entry.rfind(':') == colon;
  return IpAddress::parse(v4_with_port ? entry.substr(0, colon) : entry);
}

ProxyRules::ProxyRules(std::vector<IpNetwork> trusted, std::string client_address_header)
    : trusted_(std::move(trusted)), client_address_header_(std::move(client_address_header)) {}

bool ProxyRules::trusts(const IpAddress& peer) const {
  return std::any_of(trusted_.begin(), trusted_.end(),
                     [&](const IpNetwork& network) { return network.contains(peer); });
}

void ProxyRules::apply(Request& request, bool peer_trusted) const {
  request.client = request.peer;
  std::optional<IpAddress> named;
  if (!client_address_header_.empty()) {
    if (const auto value = request.header(client_address_header_)) {
      request.forwarded = true;
      named = parse_forwarded_address(*value);
    }
  }
  if (!request.forwarded || !peer_trusted) return;

  // From the nearest hop outwards, over all lines of the header: the first address that is no
  // proxy of ours is as far as anybody can be believed.
  bool found = false;
  for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
    if (equal_ignoring_case(field->name, "x-forwarded-proto")) {
      request.secure = equal_ignoring_case(last_element(field->value), "https");
    } else if (equal_ignoring_case(field->name, "x-forwarded-host")) {
      const std::string_view host = last_element(field->value);
      if (is_valid_authority(host)) request.host = host;
    } else if (equal_ignoring_case(field->name, "x-forwarded-for") && !found) {
      std::string_view list = field->value;
      while (!found && !list.empty()) {
        const auto comma = list.rfind(',');
        const std::string_view entry =
            comma == std::string_view::npos ? list : list.substr(comma + 1);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
        const auto address = parse_forwarded_address(entry);
        if (address) request.client = *address;
        found = !address || !trusts(*address);
      }
    }
  }
  if (named) request.client = *named;
}

}  // namespace rogerthat::net
