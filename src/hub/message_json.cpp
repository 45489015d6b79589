#include "hub/message_json.h"

#include <algorithm>

#include "base/encoding.h"

namespace rogerthat::hub {

namespace {

void write_extras(JsonWriter& json, const core::MessageExtras& extras, Attached attached) {
  if (!extras.suggested_replies.empty()) {
    json.key("suggested_replies").begin_array();
    for (const std::string& reply : extras.suggested_replies) json.value(reply);
    json.end_array();
  }
  if (!extras.attachments.empty()) {
    json.key("attachments").begin_array();
    for (const core::Attachment& attachment : extras.attachments) {
      json.begin_object();
      json.field("mime", attachment.mime);
      if (attached == Attached::whole) json.field("data_base64", attachment.data_base64);
      if (!attachment.filename.empty()) json.field("filename", attachment.filename);
      if (attachment.dropped) {
        json.field("dropped", true);
      } else if (attached == Attached::named) {
        json.field("bytes", attached_bytes(attachment));
      }
      json.end_object();
    }
    json.end_array();
  }
}

}  // namespace

std::uint64_t attached_bytes(const core::Attachment& attachment) {
  return decoded_base64_size(attachment.data_base64).value_or(0);
}

void begin_message(JsonWriter& json, const core::Channel& channel, const core::Message& message,
                   Attached attached) {
  json.begin_object();
  json.field("id", message.id);
  json.field("from", channel.callsign_of(message.from));
  json.field("to", channel.callsign_of(message.to));
  json.field("text", message.text);
  json.field("at", message.at);
  if (message.kind != core::Kind::message) json.field("kind", core::to_string(message.kind));
  if (message.priority != core::Priority::normal) {
    json.field("priority", core::to_string(message.priority));
  }
  if (message.extras) write_extras(json, *message.extras, attached);
  if (message.reply_to != 0) json.field("reply_to", message.reply_to);
  if (message.verified) json.field("verified", true);
}

void write_message(JsonWriter& json, const core::Channel& channel, const core::Message& message,
                   Attached attached) {
  begin_message(json, channel, message, attached);
  json.end_object();
}

void write_messages(JsonWriter& json, const core::Channel& channel,
                    std::span<const core::Message* const> messages, Attached attached) {
  json.begin_array();
  for (const core::Message* message : messages) write_message(json, channel, *message, attached);
  json.end_array();
}

void write_gap(JsonWriter& json, const core::Gap& gap) {
  json.begin_object();
  if (gap.dropped) {
    json.field("dropped", *gap.dropped);
  } else {
    json.null_field("dropped");
  }
  if (gap.oldest_id) {
    json.field("oldest_id", *gap.oldest_id);
  } else {
    json.null_field("oldest_id");
  }
  json.end_object();
}

void write_roster(JsonWriter& json, const core::Channel& channel, std::size_t max) {
  json.begin_array();
  const auto& live = channel.live_sorted();
  for (std::size_t i = 0; i < std::min(max, live.size()); ++i) {
    json.value(channel.callsign_of(live[i]));
  }
  json.end_array();
}

void write_live(JsonWriter& json, const core::Channel& channel, const core::Session& session,
                std::size_t place) {
  json.begin_object();
  json.field("idx", static_cast<std::uint64_t>(place));
  json.field("callsign", channel.callsign_of(session.member));
  json.field("joined_at", session.joined_at);
  if (!session.intro.empty()) json.field("intro", session.intro);
  if (channel.member(session.member).verified) json.field("verified", true);
  json.end_object();
}

void write_roster_with_index(JsonWriter& json, const core::Channel& channel, std::size_t max) {
  json.begin_array();
  const auto& order = channel.join_order();
  for (std::size_t i = 0; i < std::min(max, order.size()); ++i) {
    write_live(json, channel, channel.session(order[i]), i + 1);
  }
  json.end_array();
}

}  // namespace rogerthat::hub
