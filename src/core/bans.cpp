#include "core/bans.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/flat_index.h"
#include "base/utf8.h"
#include "core/content.h"

namespace rogerthat::core {

namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kV4PrefixBits = 96;
constexpr std::size_t kCallerBits = 64;  // of an IPv6 address
constexpr std::size_t kAddressBits = 128;

AddressBytes leading_bits(AddressBytes address, std::size_t bits) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t left = bits > 8 * i ? std::min<std::size_t>(bits - 8 * i, 8) : 0;
    address[i] &= static_cast<std::uint8_t>(0xff00 >> left);
  }
  return address;
}

}  // namespace

bool is_v4(const AddressBytes& address) {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), address.begin());
}

bool Network::contains(const AddressBytes& address) const {
  if (is_v4(address) && prefix < kV4PrefixBits) return false;
  return leading_bits(address, prefix) == base;
}

Network counted_network(const AddressBytes& base, std::uint8_t prefix) {
  const std::size_t longest = is_v4(base) ? kAddressBits : kCallerBits;
  const std::size_t bits = std::min<std::size_t>(prefix, longest);
  return {leading_bits(base, bits), static_cast<std::uint8_t>(bits)};
}

std::string_view to_string(TargetKind kind) {
  switch (kind) {
    case TargetKind::callsign:
      return "callsign";
    case TargetKind::identity:
      return "identity";
    case TargetKind::address:
      return "address";
  }
  return {};
}

// Neither ':' nor '@' is part of a callsign, an account or a channel's id.
std::string target_key(const Target& target) {
  return fmt::format("{}:{}@{}", to_string(target.kind), target.name, target.channel);
}

bool means(const Target& target, const Party& party) {
  if (!target.channel.empty() && target.channel != party.channel) return false;
  switch (target.kind) {
    case TargetKind::callsign:
      return target.name == party.callsign;
    case TargetKind::identity:
      return !party.account.empty() &&
             (target.name == party.callsign || target.name == party.account);
    case TargetKind::address:
      return party.address != AddressBytes{} && target.network.contains(party.address);
  }
  return false;
}

Result<void> check_reason(std::string_view reason) {
  if (count_code_points(reason) > kReasonCodePointsMax) {
    return fail(ErrorCode::invalid,
                fmt::format("reason has at most {} characters.", kReasonCodePointsMax));
  }
  if (has_control_or_line_break(reason)) {
    return fail(ErrorCode::invalid, "reason must hold no line breaks or control characters.");
  }
  return {};
}

std::string with_reason(std::string_view sentence, std::string_view reason) {
  if (reason.empty()) return std::string(sentence);
  return fmt::format("{} Reason: {}", sentence, reason);
}

Error refusal(const Ban& ban) {
  const std::string whom = ban.target.kind == TargetKind::address
                               ? std::string("your address")
                               : fmt::format("{} {}", to_string(ban.target.kind), ban.target.name);
  const std::string sentence = fmt::format("The operator has banned {}{}.", whom,
                                           ban.target.channel.empty() ? "" : " from this channel");
  return {ErrorCode::forbidden, with_reason(sentence, ban.reason), std::string(kBannedHint)};
}

std::size_t BanBook::NetworkHash::operator()(const Network& network) const {
  return keyed_hash({reinterpret_cast<const char*>(network.base.data()), network.base.size()}) +
         network.prefix;
}

Result<void> BanBook::put(Ban ban) {
  std::string key = target_key(ban.target);
  if (bans_.size() >= kBansMax && !bans_.contains(key)) {
    return fail(ErrorCode::conflict, fmt::format("There are {} bans, which is the most.", kBansMax),
                "Lift some first; one network may take the place of many addresses.");
  }
  remove(ban.target);
  const Ban& placed = bans_.emplace(std::move(key), std::move(ban)).first->second;
  if (placed.target.kind == TargetKind::address) {
    networks_[placed.target.network].push_back(&placed);
    ++prefixes_[placed.target.network.prefix];
    ++addresses_;
  }
  return {};
}

bool BanBook::remove(const Target& target) {
  const auto found = bans_.find(target_key(target));
  if (found == bans_.end()) return false;
  const Ban& ban = found->second;
  if (ban.target.kind == TargetKind::address) {
    const auto network = networks_.find(ban.target.network);
    std::erase(network->second, &ban);
    if (network->second.empty()) networks_.erase(network);
    --prefixes_[ban.target.network.prefix];
    --addresses_;
  }
  bans_.erase(found);
  return true;
}

// One look-up for each length of prefix that is in use.
const Ban* BanBook::find_address(const AddressBytes& address, std::string_view channel) const {
  for (std::size_t bits = is_v4(address) ? kV4PrefixBits : 0; bits < prefixes_.size(); ++bits) {
    if (prefixes_[bits] == 0) continue;
    const auto found =
        networks_.find({leading_bits(address, bits), static_cast<std::uint8_t>(bits)});
    if (found == networks_.end()) continue;
    for (const Ban* ban : found->second) {
      if (ban->target.channel.empty() || ban->target.channel == channel) return ban;
    }
  }
  return nullptr;
}

const Ban* BanBook::find_name(TargetKind kind, std::string_view name,
                              std::string_view channel) const {
  Target target{kind, std::string(name), {}, {}};
  auto found = bans_.find(target_key(target));
  if (found == bans_.end() && !channel.empty()) {
    target.channel = channel;
    found = bans_.find(target_key(target));
  }
  return found == bans_.end() ? nullptr : &found->second;
}

const Ban* BanBook::find(const Party& party) const {
  if (bans_.empty()) return nullptr;
  if (party.address != AddressBytes{} && addresses_ > 0) {
    if (const Ban* ban = find_address(party.address, party.channel)) return ban;
  }
  if (const Ban* ban = find_name(TargetKind::callsign, party.callsign, party.channel)) return ban;
  if (party.account.empty()) return nullptr;
  const Ban* const ban = find_name(TargetKind::identity, party.callsign, party.channel);
  return ban != nullptr ? ban : find_name(TargetKind::identity, party.account, party.channel);
}

std::vector<const Ban*> BanBook::all() const {
  std::vector<const Ban*> out;
  out.reserve(bans_.size());
  for (const auto& [key, ban] : bans_) out.push_back(&ban);
  std::ranges::sort(out, [](const Ban* a, const Ban* b) {
    return a->created_at != b->created_at ? a->created_at > b->created_at
                                          : target_key(a->target) < target_key(b->target);
  });
  return out;
}

}  // namespace rogerthat::core
