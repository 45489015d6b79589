#include "hub/message_json.h"

#include <algorithm>
#include <limits>

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
      if (attached == Attached::named) json.field("bytes", attached_bytes(attachment));
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

void write_roster_with_index(JsonWriter& json, const core::Channel& channel, std::size_t max) {
  json.begin_array();
  const auto& order = channel.join_order();
  for (std::size_t i = 0; i < std::min(max, order.size()); ++i) {
    const core::Session& session = channel.session(order[i]);
    json.begin_object();
    json.field("idx", static_cast<std::uint64_t>(i + 1));
    json.field("callsign", channel.callsign_of(session.member));
    json.field("joined_at", session.joined_at);
    if (!session.intro.empty()) json.field("intro", session.intro);
    if (channel.member(session.member).verified) json.field("verified", true);
    json.end_object();
  }
  json.end_array();
}

void write_roster_all(JsonWriter& json, const core::Channel& channel) {
  // Places in join order are told by member number, once for all: a look-up each would be
  // quadratic.
  std::vector<std::uint32_t> place(channel.member_slots(), 0);
  std::uint32_t next = 1;
  for (const core::SessionNo session : channel.join_order()) {
    place[channel.session(session).member] = next++;
  }
  std::vector<core::MemberNo> members;
  members.reserve(channel.member_count());
  for (core::MemberNo no = 0; no < channel.member_slots(); ++no) {
    if (channel.member(no).in_use) members.push_back(no);
  }
  std::ranges::sort(members, {}, [&](core::MemberNo no) { return channel.callsign_of(no); });
  json.begin_array();
  for (const core::MemberNo no : members) {
    json.begin_object();
    json.field("callsign", channel.callsign_of(no));
    json.field("online", channel.online(no));
    if (place[no] > 0) {
      json.field("idx", static_cast<std::uint64_t>(place[no]));
    } else {
      json.null_field("idx");
    }
    json.end_object();
  }
  json.end_array();
}

void write_rosters(JsonWriter& json, const core::Channel& channel) {
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  json.begin_object();
  json.key("roster");
  write_roster(json, channel, kAll);
  json.key("roster_with_index");
  write_roster_with_index(json, channel, kAll);
  json.key("roster_all");
  write_roster_all(json, channel);
  json.end_object();
}

}  // namespace rogerthat::hub
