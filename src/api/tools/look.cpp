// The tools that only look: roster, history, receipts.
#include <algorithm>

#include <fmt/format.h>

#include "api/acts/looking.h"
#include "api/tools/handlers.h"
#include "api/tools/result.h"
#include "api/tools/text.h"
#include "hub/message_json.h"
#include "hub/roster_page.h"

namespace rogerthat::api {

namespace {

struct HistoryFields {
  std::optional<std::int64_t> n;
  std::optional<bool> include_attachments;
};
constexpr Field<HistoryFields> kHistoryReads[] = {
    {"n", read_member<&HistoryFields::n>},
    {"include_attachments", read_member<&HistoryFields::include_attachments>},
};

struct RosterFields {
  std::optional<std::int64_t> limit;
  std::string_view after;
};
constexpr Field<RosterFields> kRosterReads[] = {
    {"limit", read_member<&RosterFields::limit>},
    {"after", read_member<&RosterFields::after>},
};

struct ReceiptsFields {
  std::optional<std::int64_t> id;
};
constexpr Field<ReceiptsFields> kReceiptsReads[] = {{"id", read_member<&ReceiptsFields::id>}};

core::MemberNo viewer_of(const Target& target) {
  if (target.session == core::kNone) return core::kNone;
  return target.entry->channel.session(target.session).member;
}

std::string receipts_text(const core::Channel& channel, const core::Message& message,
                          core::SessionNo session) {
  constexpr std::size_t kShown = 20;
  const core::MemberNo viewer = channel.session(session).member;
  std::string out;
  if (message.from != viewer) out = fmt::format("{}\n", whose_words(channel.posture(session)));
  append_message(out, channel, message, viewer);
  const core::Receipts receipts = channel.receipts(message);
  for (std::size_t i = 0; i < std::min(kShown, receipts.each.size()); ++i) {
    out +=
        fmt::format("{}: {}\n", receipts.each[i].callsign, core::to_string(receipts.each[i].state));
  }
  if (receipts.recipients > kShown)
    out += fmt::format("and {} more\n", receipts.recipients - kShown);
  if (receipts.recipients == 0) out += "Nobody was there to get it.\n";
  out.pop_back();
  return out;
}

}  // namespace

void tool_roster(ToolCall& call) {
  FieldReader reader;
  Handles handles;
  RosterFields in;
  const auto read = read_arguments(call, reader, handles, part(kRosterReads, in));
  if (failed(call.reply, read)) return;
  const auto target = find_target(call, handles, Need::channel);
  if (failed(call.reply, target)) return;
  const core::Channel& channel = target->entry->channel;
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(in.limit.value_or(core::kRosterShown), 1, core::kRosterPageMax));
  const auto page = hub::roster_page(channel, limit, in.after);
  if (!page) return send_error(call.reply, no_such_page());
  ToolResult result;
  result.text = roster_text(channel, viewer_of(*target), *page);
  JsonWriter json(result.structured);
  hub::write_rosters(json, channel, *page);
  result.send(call.reply);
}

void tool_history(ToolCall& call) {
  FieldReader reader;
  Handles handles;
  HistoryFields in;
  const auto read = read_arguments(call, reader, handles, part(kHistoryReads, in));
  if (failed(call.reply, read)) return;
  const auto target = find_target(call, handles, Need::channel);
  if (failed(call.reply, target)) return;
  const core::Channel& channel = target->entry->channel;
  const std::size_t count = static_cast<std::size_t>(
      std::clamp<std::int64_t>(in.n.value_or(core::kHistoryDefault), 1, core::kHistoryMax));
  const std::vector<const core::Message*> messages = channel.history(count, viewer_of(*target));
  ToolResult result;
  result.text = history_text(channel, messages, viewer_of(*target));
  JsonWriter json(result.structured);
  json.begin_object().key("history");
  hub::write_messages(json, channel, messages, hub::Attached::named);
  json.end_object();
  if (in.include_attachments.value_or(false))
    add_attachments(result, target->entry->record.id, messages);
  result.send(call.reply);
}

void tool_receipts(ToolCall& call) {
  FieldReader reader;
  Handles handles;
  ReceiptsFields in;
  auto read = read_arguments(call, reader, handles, part(kReceiptsReads, in));
  if (read && !in.id) {
    read =
        fail(ErrorCode::invalid, "id is missing: give the id of a message that you sent or got.");
  }
  if (failed(call.reply, read)) return;
  const auto target = find_target(call, handles, Need::session);
  if (failed(call.reply, target)) return;
  ToolResult result;
  if (failed(call.reply, write_message_state(result.structured, call.shard, *target->entry,
                                             target->session, *in.id, hub::Attached::named))) {
    return;
  }
  const core::Channel& channel = target->entry->channel;
  const core::Message* const held = channel.find_message(*in.id);
  result.text = held != nullptr ? receipts_text(channel, *held, target->session)
                                : "That message has left the channel's memory; the states of its "
                                  "receipts stand in the structured content.";
  result.send(call.reply);
}

}  // namespace rogerthat::api
