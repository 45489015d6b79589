// IP addresses and networks as values. Parsing, printing, classification. No sockets.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rogerthat::net {

// IPv4 is kept in its v4-mapped form, so that one address has one representation.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<IpAddress> parse(std::string_view text);  // also "[::1]"; no port, no zone
  bool is_v4() const;
  bool is_loopback() const;
  std::string to_string() const;
  // What limits count by: the address itself, for IPv6 its /64.
  IpAddress limit_key() const;
  // What one owner is given of addresses: the address itself, for IPv6 its /48.
  IpAddress owner_key() const;
  auto operator<=>(const IpAddress&) const = default;
};

struct IpNetwork {
  IpAddress base;
  int prefix = 128;  // bits of the 128-bit form

  static std::optional<IpNetwork> parse(std::string_view cidr);  // "10.0.0.0/8", "::1", "fe80::/10"
  bool contains(const IpAddress& address) const;
};

struct IpAddressHash {
  std::size_t operator()(const IpAddress& address) const;
};

}  // namespace rogerthat::net
