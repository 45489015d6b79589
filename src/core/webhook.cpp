#include "core/webhook.h"

namespace rogerthat::core {

namespace {
constexpr std::array kRetries = {kSecond,      3 * kSecond, kMinute,   5 * kMinute,
                                 30 * kMinute, 2 * kHour,   6 * kHour, 12 * kHour};
}

std::string_view to_string(HookEvent event) {
  switch (event) {
    case HookEvent::message_received:
      return "message.received";
    case HookEvent::session_joined:
      return "session.joined";
    case HookEvent::session_left:
      break;
  }
  return "session.left";
}

std::optional<HookEvent> parse_hook_event(std::string_view name) {
  for (const HookEvent event : kHookEvents) {
    if (to_string(event) == name) return event;
  }
  return std::nullopt;
}

DeliveryVerdict judge_delivery(int status) {
  if (status >= 200 && status < 300) return DeliveryVerdict::delivered;
  if (status == 410) return DeliveryVerdict::gone;
  // A redirect is never followed: whoever moved must tell us the new address.
  if (status >= 300 && status < 500) return DeliveryVerdict::refused;
  return DeliveryVerdict::retry;
}

std::optional<Millis> retry_after(unsigned attempts) {
  if (attempts == 0 || attempts > kRetries.size()) return std::nullopt;
  return kRetries[attempts - 1];
}

}  // namespace rogerthat::core
