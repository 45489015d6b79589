#include "core/types.h"

#include <array>

namespace rogerthat::core {

namespace {

// Each enum's wire names, in the order of its values.
constexpr std::array<std::string_view, 4> kRetentions{"none", "metadata", "prompts", "full"};
constexpr std::array<std::string_view, 2> kTrustModes{"untrusted", "trusted"};
constexpr std::array<std::string_view, 3> kCollisions{"merge", "reject", "rename"};
constexpr std::array<std::string_view, 3> kLoopGuards{"warn", "block", "off"};
constexpr std::array<std::string_view, 5> kPriorities{"min", "low", "default", "high", "urgent"};
constexpr std::array<std::string_view, 2> kKinds{"message", "status"};
constexpr std::array<std::string_view, 4> kPostures{"untrusted", "trusted-no-password",
                                                    "trusted-authorized", "trusted-identity"};

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Retention v) {
  return kRetentions[static_cast<std::size_t>(v)];
}
std::string_view to_string(TrustMode v) {
  return kTrustModes[static_cast<std::size_t>(v)];
}
std::string_view to_string(OnCollision v) {
  return kCollisions[static_cast<std::size_t>(v)];
}
std::string_view to_string(LoopGuardMode v) {
  return kLoopGuards[static_cast<std::size_t>(v)];
}
std::string_view to_string(Priority v) {
  return kPriorities[static_cast<std::size_t>(v)];
}
std::string_view to_string(Kind v) {
  return kKinds[static_cast<std::size_t>(v)];
}
std::string_view to_string(TrustPosture v) {
  return kPostures[static_cast<std::size_t>(v)];
}

std::optional<Retention> parse_retention(std::string_view text) {
  return parse<Retention>(kRetentions, text);
}
std::optional<TrustMode> parse_trust_mode(std::string_view text) {
  return parse<TrustMode>(kTrustModes, text);
}
std::optional<OnCollision> parse_on_collision(std::string_view text) {
  return parse<OnCollision>(kCollisions, text);
}
std::optional<LoopGuardMode> parse_loop_guard(std::string_view text) {
  return parse<LoopGuardMode>(kLoopGuards, text);
}
std::optional<Priority> parse_priority(std::string_view text) {
  return parse<Priority>(kPriorities, text);
}

}  // namespace rogerthat::core
