#include "store/hook_codec.h"

#include <algorithm>
#include <limits>
#include <string>

#include "store/bytes.h"
#include "store/record_codec.h"

namespace rogerthat::store {

namespace {

// A record is its format and then its fields in the order they are declared, without its id.
constexpr std::uint8_t kHookFormat = 1;
constexpr std::size_t kHookSizeExpected = 160;
constexpr std::uint8_t kContent = 1;
constexpr std::uint8_t kActive = 2;
constexpr std::uint8_t kAtHome = 4;
constexpr std::uint8_t kAllEvents = 7;

bool read_event(ByteReader& in, core::HookEvent& out) {
  const std::uint8_t value = in.byte();
  const auto* const known = std::ranges::find(core::kHookEvents, value, [](core::HookEvent event) {
    return static_cast<std::uint8_t>(event);
  });
  if (known == core::kHookEvents.end()) return false;
  out = *known;
  return true;
}

// A number that does not fit is damage.
bool read_small(ByteReader& in, unsigned& out) {
  const std::uint64_t value = in.number();
  if (value > std::numeric_limits<std::uint32_t>::max()) return false;
  out = static_cast<unsigned>(value);
  return true;
}

}  // namespace

RecordChange encode_webhook(const core::WebhookRecord& hook) {
  ByteWriter out(kHookSizeExpected);
  out.byte(kHookFormat);
  out.text(hook.account);
  out.text(hook.channel);
  out.text(hook.url);
  out.byte(hook.events);
  out.number(hook.rotation);
  out.signed_number(hook.created_at);
  out.byte(static_cast<std::uint8_t>((hook.content ? kContent : 0) | (hook.active ? kActive : 0) |
                                     (hook.at_home ? kAtHome : 0)));
  return {RecordKind::webhook, hook.id, out.take()};
}

RecordChange forget_webhook(std::string_view id) {
  return {RecordKind::webhook, std::string(id), std::nullopt};
}

Result<core::WebhookRecord> decode_webhook(std::string_view id, std::string_view data) {
  ByteReader in(data);
  core::WebhookRecord hook;
  hook.id = id;
  bool ok = in.byte() == kHookFormat;
  hook.account = in.text();
  hook.channel = in.text();
  hook.url = in.text();
  hook.events = in.flags(kAllEvents);
  ok = read_small(in, hook.rotation) && ok;
  hook.created_at = in.signed_number();
  const std::uint8_t flags = in.flags(kContent | kActive | kAtHome);
  hook.content = (flags & kContent) != 0;
  hook.active = (flags & kActive) != 0;
  hook.at_home = (flags & kAtHome) != 0;
  ok = hook.account.empty() != hook.channel.empty() && ok;
  if (!ok || !in.ok() || !in.at_end()) return damaged_record("webhook", id);
  return hook;
}

RecordChange encode_delivery(const core::Delivery& delivery) {
  ByteWriter out(kHookSizeExpected + delivery.body.size());
  out.byte(kHookFormat);
  out.text(delivery.hook);
  out.text(delivery.home);
  out.byte(static_cast<std::uint8_t>(delivery.event));
  out.text(delivery.body);
  out.signed_number(delivery.created_at);
  out.signed_number(delivery.seq);
  out.number(delivery.attempts);
  out.signed_number(delivery.due_at);
  return {RecordKind::delivery, delivery.id, out.take()};
}

RecordChange forget_delivery(std::string_view id) {
  return {RecordKind::delivery, std::string(id), std::nullopt};
}

Result<core::Delivery> decode_delivery(std::string_view id, std::string_view data) {
  ByteReader in(data);
  core::Delivery delivery;
  delivery.id = id;
  bool ok = in.byte() == kHookFormat;
  delivery.hook = in.text();
  delivery.home = in.text();
  ok = read_event(in, delivery.event) && ok;
  delivery.body = in.text();
  delivery.created_at = in.signed_number();
  delivery.seq = in.signed_number();
  ok = read_small(in, delivery.attempts) && ok;
  delivery.due_at = in.signed_number();
  delivery.stored = true;
  if (!ok || !in.ok() || !in.at_end()) return damaged_record("webhook delivery", id);
  return delivery;
}

}  // namespace rogerthat::store
