#include "api/tools/context.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/access/banned.h"
#include "api/http/field_names.h"
#include "api/tools/table.h"
#include "base/utf8.h"

namespace rogerthat::api {

namespace {

constexpr Millis kIdleLimit = 30 * kMinute;
constexpr std::size_t kNameShown = 64;

constexpr Field<Handles> kHandleReads[] = {
    {"channel_id", read_member<&Handles::channel_id>},
    {"session", read_member<&Handles::session>},
    {"ack", read_member<&Handles::ack>},
};

constexpr std::string_view kJoinAgain =
    "Call join again, under the same callsign: what you have missed is waiting.";

Error not_joined_yet() {
  return {kToolDoor.missing_code, std::string(kToolDoor.missing),
          std::string(kToolDoor.missing_hint)};
}

// The core speaks of headers, a tool of its arguments.
Error as_told_to_tools(Error error) {
  const bool ended =
      error.code == ErrorCode::not_joined || error.code == ErrorCode::session_expired;
  if (ended) error.hint = kJoinAgain;
  return error;
}

void confirm_told(hub::Shard& shard, hub::ChannelEntry& entry, core::SessionNo session,
                  core::MessageId told) {
  const core::Channel& channel = entry.channel;
  const core::MemberNo no = channel.session(session).member;
  if (told <= channel.member(no).confirmed || channel.session(session).ack_explicit) return;
  shard.settle(entry, no);
  // What is still on its way is not confirmed by a call that may have crossed it.
  const core::MessageId arrived = std::min(told, channel.member(no).handed);
  if (arrived > channel.member(no).confirmed) shard.confirm(entry, no, arrived);
}

}  // namespace

// ---------------------------------------------------------------------------------- legacy
// sessions

McpSession::McpSession(const Services& services)
    : services_(services),
      bindings_(std::make_shared<Bindings>()),
      last_used_(read_clocks().steady) {}

void McpSession::used() {
  last_used_.store(read_clocks().steady, std::memory_order_relaxed);
}

Millis McpSession::idle_limit() const {
  return std::max(kIdleLimit, bindings_->longest_ttl());
}

// A client that says goodbye leaves its channels. One that has gone quiet does not: its callsign's
// session may live on by its handle, and ends by itself if it doesn't.
void McpSession::ended() {
  const bool idle =
      read_clocks().steady - last_used_.load(std::memory_order_relaxed) >= idle_limit();
  const std::vector<Binding> joined = bindings_->end();
  if (!idle) leave_later(services_, joined);
}

void leave_later(const Services& services, const std::vector<Binding>& bindings) {
  hub::Hub& hub = services.hub;
  for (const Binding& binding : bindings) {
    const std::uint32_t home = hub.shard_of_channel(binding.channel_id);
    hub.post(home, [&shard = hub.shard(home), binding] {
      hub::ChannelEntry* const entry = shard.find(binding.channel_id);
      if (entry != nullptr) shard.leave(*entry, binding.session_id, [](const Result<bool>&) {});
    });
  }
}

// ------------------------------------------------------------------------------ channel and
// session

Result<void> refuse_unknown(const ToolCall& call, const UnknownNames& unknown) {
  std::vector<std::string_view> known;
  std::string listed;
  for (const ToolArgument& argument : call.row.arguments) {
    if (argument.all_channels_only && !call.caller.channel.empty()) continue;
    known.push_back(argument.name);
    if (!listed.empty()) listed += ", ";
    listed += argument.name;
  }
  // The first one that is like an argument, else the first one.
  std::string_view name = unknown.looked_at().front();
  std::string_view meant;
  for (const std::string_view given : unknown.looked_at()) {
    meant = meant_name(given, known);
    if (meant.empty()) continue;
    name = given;
    break;
  }
  std::string sentence =
      fmt::format("{} has no argument \"{}\"", call.row.name, cut_to_code_points(name, kNameShown));
  sentence += meant.empty() ? "." : fmt::format(": did you mean \"{}\"?", meant);
  return fail(ErrorCode::invalid, std::move(sentence),
              listed.empty() ? "It has none." : fmt::format("It has {}.", listed));
}

Millis time_for(const ToolCall& call, double seconds, bool patient, Millis max) {
  const bool has_time = patient || call.shows_progress;
  const Millis most = has_time ? max : std::min(max, core::kToolWaitDefault);
  return static_cast<Millis>(std::min(seconds * kSecond, static_cast<double>(most)));
}

std::span<const Field<Handles>> handle_fields() {
  return kHandleReads;
}

std::string channel_of(const McpCaller& caller, const Bindings* bindings, std::string_view named) {
  if (!caller.channel.empty()) return caller.channel;
  if (!named.empty()) return std::string(named);
  const auto current = bindings == nullptr ? std::nullopt : bindings->current();
  return current ? current->channel_id : std::string();
}

Result<hub::ChannelEntry*> named_channel(const Asker& asker, const McpCaller& caller,
                                         const Bindings* bindings, std::string_view named) {
  if (!caller.channel.empty() && !named.empty() && named != caller.channel) {
    return fail(ErrorCode::invalid,
                fmt::format("channel_id: this endpoint is for {} only.", caller.channel),
                "Leave channel_id out, or use the endpoint for all channels, /mcp.");
  }
  const std::string channel_id = channel_of(caller, bindings, named);
  if (channel_id.empty()) return std::unexpected(not_joined_yet());
  if (auto ok = admit_to(asker, channel_id); !ok) return std::unexpected(ok.error());
  hub::ChannelEntry* const entry = asker.shard.find(channel_id);
  if (entry != nullptr) return entry;
  return fail(ErrorCode::not_found, "There is no channel of that id.",
              "Check channel_id, or create a channel with create_channel.");
}

Shown shown_by(const McpCaller& caller, const Bindings* bindings, const hub::ChannelEntry& entry,
               std::string_view token, std::string_view handle) {
  const std::string& channel = entry.record.id;
  const bool bound = bindings != nullptr && bindings->find(channel);
  return {.credentials = caller.credentials(),
          .token = token,
          .handle = handle,
          .let_in_before = bound || caller.channel == channel};
}

Result<Target> find_target(const Asker& asker, const McpCaller& caller, Bindings* bindings,
                           const Handles& handles, Need need) {
  const auto entry = named_channel(asker, caller, bindings, handles.channel_id);
  if (!entry) return std::unexpected(entry.error());
  Target out;
  out.entry = *entry;
  const std::string& channel_id = out.entry->record.id;
  const auto binding = bindings == nullptr ? std::nullopt : bindings->find(channel_id);
  const bool bound = binding && (handles.session.empty() || handles.session == binding->session_id);
  const std::string session_id = bound ? binding->session_id : std::string(handles.session);

  const Shown shown = shown_by(caller, bindings, *out.entry, {}, session_id);
  if (auto ok = may_use(asker, *out.entry, kToolDoor, shown); !ok) {
    return std::unexpected(ok.error());
  }
  if (session_id.empty()) {
    if (need == Need::session) return std::unexpected(not_joined_yet());
    return out;
  }
  const auto session = live_session(asker, *out.entry, session_id);
  if (!session) {
    const auto ended = out.entry->channel.ended_session(session_id, asker.shard.now());
    if (ended && ended->by_operator) return std::unexpected(session.error());
    return std::unexpected(as_told_to_tools(session.error()));
  }
  out.session = *session;
  if (bound && binding->told > 0) confirm_told(asker.shard, *out.entry, *session, binding->told);
  return out;
}

Result<Target> find_target(const ToolCall& call, const Handles& handles, Need need) {
  const auto target = find_target(call.asker(), call.caller, call.bindings.get(), handles, need);
  if (target && handles.ack && target->session != core::kNone) {
    hub::ChannelEntry& entry = *target->entry;
    call.shard.confirm(entry, entry.channel.session(target->session).member, *handles.ack);
  }
  return target;
}

Result<Target> find_target(const ToolCall& call, Need need) {
  FieldReader reader;
  Handles handles;
  if (auto ok = read_arguments(call, reader, handles); !ok) {
    return std::unexpected(ok.error());
  }
  return find_target(call, handles, need);
}

}  // namespace rogerthat::api
