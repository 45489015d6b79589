#include "outbox/hook_bodies.h"

#include "base/thread_random.h"
#include "hub/message_json.h"
#include "outbox/hook_sender.h"

namespace rogerthat::outbox {

namespace {

constexpr std::size_t kDeliveryIdBytes = 16;

// What of a direct message may be seen by whoever has only the token of a strict channel.
void write_metadata(JsonWriter& json, const core::Channel& channel, const core::Message& message) {
  json.begin_object();
  json.field("id", message.id);
  json.field("from", channel.callsign_of(message.from));
  json.field("to", channel.callsign_of(message.to));
  json.field("at", message.at);
  json.field("bytes", static_cast<std::uint64_t>(message.text.size()));
  if (message.verified) json.field("verified", true);
  json.end_object();
}

// The fields around what has happened; `happened` writes that.
template <class Happened>
core::Delivery make_delivery(const hub::ChannelEntry& home, core::HookEvent event,
                             const std::string& hook, Now now, Happened happened) {
  core::Delivery delivery;
  delivery.id = "dlv_" + random_source().token(kDeliveryIdBytes);
  delivery.hook = hook;
  delivery.event = event;
  JsonWriter json(delivery.body);
  json.begin_object().field("event", core::to_string(event));
  if (home.record.options.inbox) {
    json.null_field("channel_id");  // from an identity to an identity
  } else {
    json.field("channel_id", home.record.id);
  }
  happened(json);
  json.field("hook_id", hook).field("delivered_at", now.wall);
  json.end_object();
  return delivery;
}

}  // namespace

std::vector<HookBodies::Wanting> HookBodies::hooks_of(std::string_view owner,
                                                      core::HookEvent event) const {
  std::vector<Wanting> wanting;
  hub_.webhooks().read([&](const core::HookBook& book) {
    for (const core::WebhookRecord* hook : book.of(owner)) {
      if (hook->wants(event)) wanting.push_back({hook->id, hook->content});
    }
  });
  return wanting;
}

void HookBodies::message(const hub::ChannelEntry& home, const core::Message& message, Now now,
                         std::vector<core::Delivery>& deliveries) {
  constexpr auto kEvent = core::HookEvent::message_received;
  const core::Channel& channel = home.channel;
  std::string owner = home.record.id;
  if (home.record.options.inbox) {
    owner = hub_.accounts().read([&](const core::Directory& directory) {
      const auto* identity = directory.find_identity(channel.callsign_of(message.to));
      return identity == nullptr ? std::string() : identity->account;
    });
    if (owner.empty()) return;
  }
  const std::vector<Wanting> wanting = hooks_of(owner, kEvent);
  if (wanting.empty()) return;

  // Written once for all hooks: an attachment may be half a megabyte.
  std::string whole, metadata;
  for (const Wanting& hook : wanting) {
    const bool shown = hook.content || message.to == core::kEveryone;
    std::string& text = shown ? whole : metadata;
    if (text.empty()) {
      JsonWriter json(text);
      if (shown) {
        hub::write_message(json, channel, message);
      } else {
        write_metadata(json, channel, message);
      }
    }
    deliveries.push_back(make_delivery(home, kEvent, hook.hook, now,
                                       [&](JsonWriter& json) { json.key("message").raw(text); }));
  }
}

void HookBodies::session(const hub::ChannelEntry& home, std::string_view callsign, bool joined,
                         Now now, std::vector<core::Delivery>& deliveries) {
  const auto event = joined ? core::HookEvent::session_joined : core::HookEvent::session_left;
  for (const Wanting& hook : hooks_of(home.record.id, event)) {
    deliveries.push_back(make_delivery(home, event, hook.hook, now, [&](JsonWriter& json) {
      json.field("callsign", callsign).field("at", now.wall);
    }));
  }
}

void HookBodies::waiting() {
  sender_.look_soon();
}

}  // namespace rogerthat::outbox
