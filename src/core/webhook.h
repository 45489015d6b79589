// Webhooks as values: what a hook is, what it wants to hear, and when a delivery that failed is
// tried again: the rules. No requests, no clocks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "core/types.h"

namespace rogerthat::core {

enum class HookEvent : std::uint8_t { message_received = 1, session_joined = 2, session_left = 4 };
inline constexpr std::array kHookEvents = {HookEvent::message_received, HookEvent::session_joined,
                                           HookEvent::session_left};
std::string_view to_string(HookEvent event);  // "message.received"
std::optional<HookEvent> parse_hook_event(std::string_view name);

inline constexpr std::size_t kHooksPerChannelMax = 10;
inline constexpr std::size_t kHooksPerAccountMax = 10;
inline constexpr std::size_t kHookUrlBytesMax = 2048;
inline constexpr std::size_t kDeliveriesShown = 50;
inline constexpr std::size_t kDeliveriesQueuedMax = 10'000;  // of one hook; the oldest goes first
inline constexpr std::size_t kDeliveryBytesQueuedMax = 64 << 20;  // ... and their bodies
inline constexpr Millis kDeliveryTimeMax = 10 * kSecond;          // of one attempt

struct WebhookRecord {
  std::string id;       // "wh_…"
  std::string account;  // of an account's hook; empty: a channel's
  std::string channel;  // id; empty: an account's
  std::string url;
  std::uint8_t events = static_cast<std::uint8_t>(HookEvent::message_received);
  std::uint32_t rotation = 0;  // the signing secret is derived from id and this
  Millis created_at = 0;
  // False: made by the token of a channel that requires identities; direct messages of others come
  // as metadata.
  bool content = true;
  bool active = true;    // false: its receiver answered 410
  bool at_home = false;  // made by a caller at the hub's own machine: it may lead there

  // Who it belongs to: a channel's id or an account's (their forms differ).
  std::string_view owner() const { return account.empty() ? channel : account; }
  bool wants(HookEvent event) const {
    return active && (events & static_cast<std::uint8_t>(event));
  }
  bool operator==(const WebhookRecord&) const = default;
};

// One event on its way to one hook. The body is the same bytes at every attempt. Id, hook, event
// and body are given by who makes it, the rest by the shard that has it.
struct Delivery {
  std::string id;    // X-RogerThat-Delivery, webhook-id
  std::string hook;  // its id
  std::string home;  // the channel or inbox that it comes from: says which shard has it
  HookEvent event = HookEvent::message_received;
  std::string body;
  Millis created_at = 0;  // wall
  std::int64_t seq = 0;   // the order of those of one moment
  unsigned attempts = 0;  // that have failed
  Millis due_at = 0;      // wall, of the next one
  bool stored = false;    // has a record on disk; else in memory only
  bool operator==(const Delivery&) const = default;
};

// What became of one attempt. `status` 0: no answer (network, TLS, time).
enum class DeliveryVerdict : std::uint8_t { delivered, retry, refused, gone };
DeliveryVerdict judge_delivery(int status);

// How long after attempt number `attempts` (the first is 1) has failed the next one comes; nullopt:
// it was the last.
std::optional<Millis> retry_after(unsigned attempts);

}  // namespace rogerthat::core
