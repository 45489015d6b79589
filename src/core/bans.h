// Whom the operator has shut out: callsigns, identities and addresses, from the whole server or
// from one channel. Bans as values, and finding the one that applies. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "core/types.h"

namespace rogerthat::core {

inline constexpr std::size_t kBansMax = 10'000;
inline constexpr std::size_t kReasonCodePointsMax = 200;

// A range of addresses. A network of IPv6 contains no IPv4 address, though all of them lie in the
// range ::ffff:0:0/96.
struct Network {
  AddressBytes base{};
  std::uint8_t prefix = 128;  // bits of the 128-bit form
  bool contains(const AddressBytes& address) const;
  bool operator==(const Network&) const = default;
};
bool is_v4(const AddressBytes& address);
// As callers are counted: of IPv6 at least a /64, which is what one caller has. Bits after the
// prefix are cleared.
Network counted_network(const AddressBytes& base, std::uint8_t prefix);

enum class TargetKind : std::uint8_t { callsign, identity, address };
std::string_view to_string(TargetKind kind);

// Whom an act of the operator means, and where.
struct Target {
  TargetKind kind = TargetKind::callsign;
  std::string name;     // a callsign; an identity: its callsign or its account; an address as text
  Network network;      // of an address
  std::string channel;  // empty: everywhere
  bool operator==(const Target&) const = default;
};
// Names a target: the key of its record.
std::string target_key(const Target& target);

// Somebody who is on a channel, or wants to be.
struct Party {
  std::string_view channel;
  std::string_view callsign;
  std::string_view account;  // of the identity; empty: no identity
  AddressBytes address{};    // all zero: not known
};
bool means(const Target& target, const Party& party);

struct Ban {
  Target target;
  std::string reason;  // empty: none given
  Millis created_at = 0;
  bool operator==(const Ban&) const = default;
};

// The operator's words, checked: one line of at most kReasonCodePointsMax characters.
Result<void> check_reason(std::string_view reason);
// A sentence with the operator's reason behind it, where there is one.
std::string with_reason(std::string_view sentence, std::string_view reason);
// What somebody who is banned is told, and what to do about it.
Error refusal(const Ban& ban);
inline constexpr std::string_view kBannedHint =
    "Stop trying, also under another name, and tell your person: only the operator can lift this.";

class BanBook {
 public:
  BanBook() = default;
  BanBook(const BanBook&) = delete;
  BanBook& operator=(const BanBook&) = delete;

  Result<void> put(Ban ban);  // takes the place of one of the same target; refused when full
  bool remove(const Target& target);

  // Null: none applies.
  const Ban* find_address(const AddressBytes& address, std::string_view channel) const;
  const Ban* find(const Party& party) const;
  std::vector<const Ban*> all() const;  // newest first
  std::size_t size() const { return bans_.size(); }
  std::size_t addresses() const { return addresses_; }

 private:
  struct NetworkHash {
    std::size_t operator()(const Network& network) const;
  };
  const Ban* find_name(TargetKind kind, std::string_view name, std::string_view channel) const;

  std::unordered_map<std::string, Ban> bans_;  // by target_key()
  std::unordered_map<Network, std::vector<const Ban*>, NetworkHash> networks_;
  std::vector<std::size_t> prefixes_ = std::vector<std::size_t>(129);  // bans of each length
  std::size_t addresses_ = 0;
};

}  // namespace rogerthat::core
