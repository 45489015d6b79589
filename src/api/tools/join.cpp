// The tools that open and close: create_channel, join, leave.
#include <fmt/format.h>

#include "api/acts/creation.h"
#include "api/acts/joining.h"
#include "api/http/edition.h"
#include "api/texts/connect.h"
#include "api/tools/handlers.h"
#include "api/tools/result.h"
#include "api/tools/text.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kRosterInText = 30;

// -----------------------------------------------------------------------------------
// create_channel

// On the endpoint of one channel the bearer may be that channel's: no guess at the hub's token.
Result<void> authorise_creation(const ToolCall& call) {
  if (call.caller.channel.empty())
    return require_hub_token(call.asker(), call.caller.credentials());
  if (!call.services.options.hub_token) return {};
  if (holds_hub_token(call.services, call.caller.credentials())) return {};
  return fail(ErrorCode::unauthorized, "This hub asks for its own token to create channels.",
              "Send it in X-Hub-Token, or create the channel elsewhere.");
}

struct PresetFields {
  std::optional<std::string_view> preset;
};
constexpr Field<PresetFields> kPresetReads[] = {{"preset", read_member<&PresetFields::preset>}};

Result<core::Edition> read_edition(const ToolCall& call, const PresetFields& in) {
  if (!in.preset) return call.caller.edition;
  const core::Edition named = edition_named(*in.preset);
  if (named.mode == nullptr) {
    return fail(ErrorCode::invalid, "preset must be one of park, live, go, team.");
  }
  return overlay(call.caller.edition, named);
}

ToolResult creation_result(const View& view, const MadeChannel& made, bool joins_here) {
  ToolResult result;
  JsonWriter json(result.structured);
  json.begin_object();
  write_made_channel(json, view, made);
  json.end_object();
  result.text = fmt::format(
      "Channel {} is ready. Its join_token, shown this once: {}\n"
      "Relay this line word for word to the other agent or its human:\n{}\n",
      made.record.id, made.token, peer_invite(view, facts_of(made)));
  std::string credentials = "channel_id and token";
  if (!made.owner_password.empty()) {
    credentials += fmt::format(" and owner_password {}", made.owner_password);
  }
  result.text += joins_here
                     ? "Next, join it yourself, with "
                     : "This endpoint stays with its channel; join the new one by /mcp, with ";
  result.text += credentials + '.';
  return result;
}

// ---------------------------------------------------------------------------------------------
// join

struct JoinProof {
  std::string_view token;  // empty: absent
  std::optional<bool> keep;
  std::optional<bool> keeps_handles;  // the client keeps channel and session for its model
};
constexpr Field<JoinProof> kProofReads[] = {
    {"token", read_member<&JoinProof::token>},
    {"keep", read_member<&JoinProof::keep>},
    {"keeps_handles", read_member<&JoinProof::keeps_handles>},
};

// The session that is to go on: the one that is named, else that of this MCP session. An id that
// the hub has not given is taken only where it is held already, never adopted; and as it can be
// guessed, it is of no use to clients that have nothing but their handle.
Result<std::string> own_session(const ToolCall& call, const hub::ChannelEntry& entry,
                                std::string_view named) {
  const auto binding = call.bindings ? call.bindings->find(entry.record.id) : std::nullopt;
  if (named.empty()) return binding ? binding->session_id : std::string();
  if (call.services.session_ids.minted_here(named)) return std::string(named);
  const auto held = entry.channel.find_session(named, call.shard.now());
  const bool known = held || held.error().code == ErrorCode::session_expired;
  if (!known) return std::string();
  if (call.bindings || !call.caller.channel.empty()) return std::string(named);
  return fail(ErrorCode::invalid, "session is not a handle that join has given.",
              "Leave session out and join under another callsign.");
}

// What an agent needs to know to go on, in the order in which it needs it. `kept`: its handles are
// kept for it, by its MCP session or by its client.
std::string join_text(const hub::ChannelEntry& entry, const hub::JoinReply& reply, bool kept,
                      bool one_channel) {
  const core::Channel& channel = entry.channel;
  const core::ChannelOptions& options = entry.record.options;
  const core::TrustPosture trust = posture_of(entry, reply);
  std::string out = fmt::format("You are {} on {} ({}). ", reply.callsign, entry.record.id,
                                core::to_string(trust));
  const std::string_view handles = one_channel ? "session" : "channel_id and session";
  if (kept) {
    out += fmt::format("Your session is {}; this connection knows it, keep it for a new one.\n",
                       reply.session_id);
  } else {
    out += fmt::format("Your session is {}: pass {} with every call.\n", reply.session_id, handles);
  }
  out += fmt::format("On: {}.\n",
                     live_text(channel, channel.session(reply.session).member, kRosterInText));
  if (const std::string warning = callsign_warning(entry, reply); !warning.empty()) {
    out += warning + '\n';
  }
  if (const std::size_t unread = channel.unread(reply.session); unread > 0) {
    out += fmt::format("{} unread: call listen now.\n", unread);
  }
  out += trust_instructions(trust, options);
  out += fmt::format(
      "\nThe loop: wait; act on what comes; answer with send (reply_to its id); wait again. An "
      "empty wait is normal: call it again. Before work of more than a minute send a line of kind "
      "status. Stop when the task is done, your person says so or the talk goes in circles, then "
      "leave; skip thanks and goodbyes.\n"
      "A call that is cut off or times out loses nothing: what you did not get comes next time. If "
      "your turn must end, tell your person to say \"check the channel\"; messages keep for {}. "
      "After {} s without a call the session ends: join again as {}{}.",
      reply.callsign, options.session_ttl / kSecond, reply.callsign,
      kept ? "" : " with token or session");
  return out;
}

ToolResult join_result(const hub::ChannelEntry& entry, const hub::JoinReply& reply, bool kept,
                       bool one_channel) {
  ToolResult result;
  result.text = join_text(entry, reply, kept, one_channel);
  JsonWriter json(result.structured);
  json.begin_object();
  json.field("channel_id", entry.record.id);
  write_join_fields(json, entry, reply, hub::Attached::named);
  json.field("privacy", privacy_notice(entry.record.options));
  json.end_object();
  return result;
}

}  // namespace

void tool_create_channel(ToolCall& call) {
  const Asker who = call.asker();
  if (failed(call.reply, authorise_creation(call))) return;
  if (failed(call.reply, take_limit(who, hub::Limited::channel_creation))) return;
  FieldReader reader;
  Handles none;
  PresetFields preset;
  CreateFields fields;
  if (failed(call.reply, read_arguments(call, reader, none, part(kPresetReads, preset),
                                        part(create_fields(), fields)))) {
    return;
  }
  const auto edition = read_edition(call, preset);
  if (failed(call.reply, edition)) return;
  auto wanted = read_new_channel(reader, fields, edition->mode, random_source());
  if (failed(call.reply, wanted)) return;
  View view = call.caller.view();
  view.edition = *edition;
  make_channel(call.services, call.shard, std::move(*wanted),
               [answer = std::move(call.reply), view = std::move(view),
                joins_here = call.caller.channel.empty()](const Result<MadeChannel>& made) mutable {
                 if (failed(answer, made)) return;
                 creation_result(view, *made, joins_here).send(answer);
               });
}

void tool_join(ToolCall& call) {
  const Asker who = call.asker();
  FieldReader reader;
  Handles handles;
  JoinProof proof;
  JoinFields fields;
  if (failed(call.reply, read_arguments(call, reader, handles, part(kProofReads, proof),
                                        part(join_fields(), fields)))) {
    return;
  }
  auto wish = read_join(reader, fields);
  if (failed(call.reply, wish)) return;
  const auto found = named_channel(who, call.caller, call.bindings.get(), handles.channel_id);
  if (failed(call.reply, found)) return;
  hub::ChannelEntry& entry = **found;
  const Shown shown =
      shown_by(call.caller, call.bindings.get(), entry, proof.token, handles.session);
  if (failed(call.reply, may_use(who, entry, kJoinDoor, shown))) return;
  const bool band = entry.record.options.band;
  if (failed(call.reply, take_limit(who, band ? hub::Limited::join_band : hub::Limited::join))) {
    return;
  }
  auto session = own_session(call, entry, handles.session);
  if (failed(call.reply, session)) return;
  wish->command.session_id = std::move(*session);
  wish->command.never_shares = true;
  carry_out_join(who, entry, std::move(*wish),
                 [answer = std::move(call.reply), &services = call.services,
                  bindings = call.bindings, keep = proof.keep.value_or(false),
                  kept = proof.keeps_handles.value_or(false) || call.bindings != nullptr,
                  one_channel = !call.caller.channel.empty()](
                     Result<hub::JoinReply> reply, const hub::ChannelEntry* joined) mutable {
                   if (failed(answer, reply)) return;
                   if (bindings) {
                     const Binding binding{joined->record.id, reply->session_id, reply->callsign,
                                           joined->record.options.session_ttl};
                     leave_later(services, bindings->add(binding, keep));
                   }
                   join_result(*joined, *reply, kept, one_channel).send(answer);
                 });
}

void tool_leave(ToolCall& call) {
  FieldReader reader;
  Handles handles;
  if (failed(call.reply, read_arguments(call, reader, handles))) return;
  const auto target = find_target(call, handles, Need::session);
  if (!target) {
    const ErrorCode code = target.error().code;
    const std::string channel = channel_of(call.caller, call.bindings.get(), handles.channel_id);
    const auto binding = call.bindings ? call.bindings->find(channel) : std::nullopt;
    const bool nothing = call.bindings && channel.empty();
    const bool gone =
        nothing || code == ErrorCode::session_expired || (binding && code == ErrorCode::not_joined);
    if (!gone) return send_error(call.reply, target.error());
    if (binding) call.bindings->remove(channel, binding->session_id);
    return ToolResult{"Your session there had ended already.", R"({"ok":true})", {}}.send(
        call.reply);
  }
  hub::ChannelEntry& entry = *target->entry;
  const std::string session_id = entry.channel.session(target->session).id;
  call.shard.leave(
      entry, session_id,
      [answer = std::move(call.reply), bindings = call.bindings, session_id,
       channel_id = entry.record.id](const Result<bool>& left) mutable {
        if (failed(answer, left)) return;
        if (bindings) bindings->remove(channel_id, session_id);
        ToolResult{fmt::format("You have left {}.", channel_id), R"({"ok":true})", {}}.send(answer);
      });
}

}  // namespace rogerthat::api
