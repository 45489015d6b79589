// The words of the contract as types: ids, the options of a channel and the small enums, with their
// wire names. No behaviour.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/time.h"
#include "core/limits.h"

namespace rogerthat::core {

using MessageId = std::int64_t;
using ChannelNo = std::int64_t;  // how the store and the journal name a channel
using MemberNo = std::uint32_t;  // a callsign within its channel
using SessionNo = std::uint32_t;
using ReaderNo = std::uint32_t;
// An IP address, IPv4 in its v4-mapped form: as the net room has it, which this room does not see.
using AddressBytes = std::array<std::uint8_t, 16>;

inline constexpr std::uint32_t kNone = 0xffffffff;
inline constexpr MemberNo kEveryone = 0xfffffffe;  // `to: all`

enum class Retention : std::uint8_t { none, metadata, prompts, full };
enum class TrustMode : std::uint8_t { untrusted, trusted };
enum class OnCollision : std::uint8_t { merge, reject, rename };
enum class LoopGuardMode : std::uint8_t { warn, block, off };
enum class Priority : std::uint8_t { min, low, normal, high, urgent };  // `normal` is "default"
enum class Kind : std::uint8_t { message, status };
enum class TrustPosture : std::uint8_t {
  untrusted,
  trusted_no_password,
  trusted_authorized,
  trusted_identity
};

std::string_view to_string(Retention);
std::string_view to_string(TrustMode);
std::string_view to_string(OnCollision);
std::string_view to_string(LoopGuardMode);
std::string_view to_string(Priority);
std::string_view to_string(Kind);
std::string_view to_string(TrustPosture);
std::optional<Retention> parse_retention(std::string_view);
std::optional<TrustMode> parse_trust_mode(std::string_view);
std::optional<OnCollision> parse_on_collision(std::string_view);
std::optional<LoopGuardMode> parse_loop_guard(std::string_view);
std::optional<Priority> parse_priority(std::string_view);

struct ChannelOptions {
  Retention retention = Retention::none;
  TrustMode trust_mode = TrustMode::untrusted;
  bool require_identity = false;
  bool has_owner_password = false;
  bool durable = false;
  bool band = false;  // public: no token, stricter joins
  // The inbox of a handle: direct messages between identities. Nobody joins it but the handle, and
  // it cannot be reached as a channel.
  bool inbox = false;
  OnCollision on_collision = OnCollision::merge;
  LoopGuardMode loop_guard = LoopGuardMode::warn;
  Millis session_ttl = kSessionTtlDefault;
  std::uint32_t ring_size = kRingSizeDefault;
  std::uint32_t ring_bytes = kRingBytesDefault;
  bool operator==(const ChannelOptions&) const = default;
};

// What the directory keeps of a channel, whatever its retention. The token is kept as a hash.
struct ChannelRecord {
  ChannelNo no = 0;
  std::string id;  // adjective-animal-xxxx
  ChannelOptions options;
  Digest token_hash{};
  std::string owner_password_hash;  // empty: none (hash_password in base/crypto.h)
  std::string owner_account;        // empty: none
  Millis created_at = 0;            // wall
  Millis last_activity_at = 0;      // wall, coarse: what the idle clean-up goes by
  bool ever_joined = false;
};

}  // namespace rogerthat::core
