#include "api/acts/looking.h"

#include <array>

namespace rogerthat::api {

namespace {

using core::ReceiptState;

constexpr std::array kStates{ReceiptState::queued, ReceiptState::delivered, ReceiptState::confirmed,
                             ReceiptState::answered, ReceiptState::dropped};

void write_receipt(JsonWriter& json, const core::Receipt& receipt) {
  json.key(receipt.callsign).begin_object();
  json.field("state", core::to_string(receipt.state));
  if (receipt.at != 0) json.field("at", receipt.at);
  json.end_object();
}

void write_receipts(JsonWriter& json, const core::Receipts& receipts) {
  const bool listed = receipts.recipients <= receipts.each.size();
  json.key("receipts").begin_object();
  if (listed) {
    for (const core::Receipt& receipt : receipts.each) write_receipt(json, receipt);
  }
  json.end_object();
  if (listed) return;
  json.key("receipt_counts").begin_object();
  for (const ReceiptState state : kStates) {
    const std::size_t count = receipts.counts[static_cast<std::size_t>(state)];
    json.field(core::to_string(state), static_cast<std::uint64_t>(count));
  }
  json.end_object();
}

// The ring holds it no more: who it was for is still known, its content is not.
core::Receipts receipts_of_dropped(const core::Channel& channel, const core::Dropped& dropped) {
  core::Receipts out;
  const auto add = [&](core::MemberNo to) {
    core::Receipt receipt;
    receipt.callsign = channel.callsign_of(to);
    receipt.state = channel.receipt_of(dropped.from, to, dropped.id, true);
    ++out.recipients;
    ++out.counts[static_cast<std::size_t>(receipt.state)];
    if (out.each.size() < core::kReceiptsListedMax) out.each.push_back(receipt);
  };
  if (dropped.to != core::kEveryone) {
    add(dropped.to);
    return out;
  }
  for (core::MemberNo no = 0; no < channel.member_slots(); ++no) {
    if (channel.was_meant_for(no, dropped.from, dropped.id)) add(no);
  }
  return out;
}

void write_dropped(std::string& body, const core::Channel& channel, const core::Dropped& dropped) {
  JsonWriter json(body);
  json.begin_object();
  json.field("id", dropped.id);
  json.field("from", channel.callsign_of(dropped.from));
  json.field("to", channel.callsign_of(dropped.to));
  json.field("dropped", true);
  write_receipts(json, receipts_of_dropped(channel, dropped));
  json.end_object();
}

}  // namespace

Error no_such_page() {
  return {ErrorCode::invalid, "after is not where a page of the roster begins.",
          "Send the `next` of the page before, or leave after out."};
}

Error unknown_message() {
  return {ErrorCode::not_found,
          "There is no message of that id that you sent or received on this channel."};
}

Result<void> write_message_state(std::string& body, hub::Shard& shard, hub::ChannelEntry& entry,
                                 core::SessionNo session, core::MessageId id,
                                 hub::Attached attached) {
  shard.settle_all(entry);  // so that what has arrived by now counts
  const core::Channel& channel = entry.channel;
  const core::MemberNo viewer = channel.session(session).member;
  if (const core::Message* const held = channel.find_message(id)) {
    if (!core::Channel::may_see(*held, viewer)) return std::unexpected(unknown_message());
    JsonWriter json(body);
    hub::begin_message(json, channel, *held, attached);
    write_receipts(json, channel.receipts(*held));
    json.end_object();
    return {};
  }
  const auto dropped = channel.find_dropped(id);
  const bool concerned = dropped && (dropped->from == viewer || dropped->to == viewer ||
                                     dropped->to == core::kEveryone);
  if (!concerned) return std::unexpected(unknown_message());
  write_dropped(body, channel, *dropped);
  return {};
}

}  // namespace rogerthat::api
