#include "net/address.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

#include "base/flat_index.h"

namespace rogerthat::net {

namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kV4PrefixBits = 96;

void keep_leading_bits(std::array<std::uint8_t, 16>& bytes, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int left = std::clamp(bits - 8 * i, 0, 8);
    bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> left);
  }
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), terminated);

  IpAddress address;
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, terminated, address.bytes.data() + kV4Prefix.size()) != 1) {
    return std::nullopt;
  }
  return address;
}

bool IpAddress::is_v4() const {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + kV4Prefix.size(), text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  }
  return text;
}

IpAddress IpAddress::limit_key() const {
  IpAddress key = *this;
  if (!is_v4()) keep_leading_bits(key.bytes, 64);
  return key;
}

IpAddress IpAddress::owner_key() const {
  IpAddress key = *this;
  if (!is_v4()) keep_leading_bits(key.bytes, 48);
  return key;
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view cidr) {
  const auto slash = cidr.find('/');
  const auto base = IpAddress::parse(cidr.substr(0, slash));
  if (!base) return std::nullopt;

  IpNetwork network{*base, 128};
  if (slash == std::string_view::npos) return network;

  const std::string_view digits = cidr.substr(slash + 1);
  const bool dotted = cidr.find(':') == std::string_view::npos;
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-') {
    return std::nullopt;
  }
  if (bits > (dotted ? 32 : 128)) return std::nullopt;
  network.prefix = dotted ? bits + kV4PrefixBits : bits;
  keep_leading_bits(network.base.bytes, network.prefix);
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  IpAddress masked = address;
  keep_leading_bits(masked.bytes, prefix);
  return masked == base;
}

std::size_t IpAddressHash::operator()(const IpAddress& address) const {
  return keyed_hash({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
}

}  // namespace rogerthat::net
