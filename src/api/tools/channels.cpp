// The tool channels: what a client has joined. They may lie on several shards.
#include <fmt/format.h>

#include "api/tools/handlers.h"
#include "api/tools/result.h"
#include "hub/on_shards.h"

namespace rogerthat::api {

namespace {

struct Row {
  Binding binding;
  bool live = false;
  std::size_t unread = 0;
  std::size_t agents = 0;
};

struct Listing {
  mcp::Reply reply;
  const Services& services;
  std::vector<Row> rows;
};

void look(Row& row, hub::Shard& shard) {
  const hub::ChannelEntry* const entry = shard.find(row.binding.channel_id);
  if (entry == nullptr) return;
  const core::Channel& channel = entry->channel;
  row.agents = channel.agent_count();
  const auto session = channel.find_session(row.binding.session_id, shard.now());
  if (!session) return;
  row.live = true;
  row.binding.callsign = channel.callsign_of(channel.session(*session).member);
  row.unread = channel.unread(*session);
}

void answer(Listing& listing) {
  ToolResult result;
  JsonWriter json(result.structured);
  json.begin_object().key("channels").begin_array();
  for (const Row& row : listing.rows) {
    const bool current = &row == &listing.rows.back();
    json.begin_object();
    json.field("channel_id", row.binding.channel_id).field("session_id", row.binding.session_id);
    json.field("callsign", row.binding.callsign).field("live", row.live);
    json.field("unread", static_cast<std::uint64_t>(row.unread));
    json.field("agent_count", static_cast<std::uint64_t>(row.agents)).field("current", current);
    json.end_object();
    result.text +=
        fmt::format("{}: you are {}, {}{}\n", row.binding.channel_id, row.binding.callsign,
                    row.live ? fmt::format("{} unread, {} on", row.unread, row.agents)
                             : "but the session has ended: join again",
                    current && listing.rows.size() > 1 ? " (meant where none is named)" : "");
  }
  json.end_array().end_object();
  if (result.text.empty()) {
    result.text = "You have joined no channel here.";
  } else {
    result.text.pop_back();
  }
  result.send(listing.reply);
}

}  // namespace

void tool_channels(ToolCall& call) {
  FieldReader reader;
  Handles handles;
  if (failed(call.reply, read_arguments(call, reader, handles))) return;
  auto listing = std::make_shared<Listing>(mcp::Reply(), call.services, std::vector<Row>());
  if (!handles.session.empty()) {
    const auto target = find_target(call, handles, Need::session);
    if (failed(call.reply, target)) return;
    listing->rows.push_back(
        {{target->entry->record.id, std::string(handles.session), {}, 0, 0}, false, 0, 0});
  } else if (call.bindings) {
    for (Binding& binding : call.bindings->all()) listing->rows.push_back({std::move(binding)});
  } else {
    return send_error(call.reply, {ErrorCode::invalid,
                                   "This client keeps no MCP session, so the hub keeps no list.",
                                   "Pass channel_id and session to ask about one channel."});
  }
  listing->reply = std::move(call.reply);
  on_every_shard(
      call.services.hub, call.shard.number(), std::move(listing),
      [](Listing& l, hub::Shard& shard) {
        for (Row& row : l.rows) {
          if (l.services.hub.shard_of_channel(row.binding.channel_id) == shard.number()) {
            look(row, shard);
          }
        }
      },
      [](const std::shared_ptr<Listing>& l) { answer(*l); });
}

}  // namespace rogerthat::api
