#include "net/public_addresses.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace rogerthat::net {

namespace {

// The special-purpose registries of IPv4, and of what lies inside the global range of IPv6.
constexpr std::array<std::string_view, 29> kSpecial = {
    "0.0.0.0/8",          // this network
    "10.0.0.0/8",         // private
    "100.64.0.0/10",      // shared by carriers
    "127.0.0.0/8",        // loopback
    "169.254.0.0/16",     // link-local, and the metadata of clouds
    "172.16.0.0/12",      // private
    "192.0.0.0/24",       // protocol assignments
    "192.0.2.0/24",       // documentation
    "192.31.196.0/24",    // AS112
    "192.52.193.0/24",    // AMT
    "192.88.99.0/24",     // 6to4 relays
    "192.168.0.0/16",     // private
    "192.175.48.0/24",    // AS112
    "198.18.0.0/15",      // benchmarks
    "198.51.100.0/24",    // documentation
    "203.0.113.0/24",     // documentation
    "224.0.0.0/4",        // multicast
    "240.0.0.0/4",        // reserved, and broadcast
    "168.63.129.16/32",   // a cloud's platform services
    "2001::/23",          // protocol assignments, Teredo and ORCHID among them
    "2001:db8::/32",      // documentation
    "2002::/16",          // 6to4: carries an IPv4 address
    "2620:4f:8000::/48",  // AS112
    "3fff::/20",          // documentation
    "64:ff9b::/96",       // NAT64: carries an IPv4 address
    "64:ff9b:1::/48",     // NAT64 of a site
    "fc00::/7",           // unique local
    "fe80::/10",          // link-local
    "ff00::/8",           // multicast
};

const std::vector<IpNetwork>& special_networks() {
  static const std::vector<IpNetwork> networks = [] {
    std::vector<IpNetwork> all;
    all.reserve(std::size(kSpecial));
    for (const std::string_view text : kSpecial) all.push_back(*IpNetwork::parse(text));
    return all;
  }();
  return networks;
}

}  // namespace

bool is_public(const IpAddress& address) {
  // Of IPv6, only 2000::/3 is given out.
  if (!address.is_v4() && (address.bytes[0] & 0xe0) != 0x20) return false;
  return std::ranges::none_of(special_networks(),
                              [&](const IpNetwork& network) { return network.contains(address); });
}

bool may_be_reached(const IpAddress& address, std::span<const IpNetwork> allowed) {
  return is_public(address) || std::ranges::any_of(allowed, [&](const IpNetwork& network) {
           return network.contains(address);
         });
}

}  // namespace rogerthat::net
