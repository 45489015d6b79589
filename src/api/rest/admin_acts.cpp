// What the operator does. Every act ends in an entry of the audit log, and then in its answer.
#include <algorithm>

#include <fmt/format.h>

#include "api/acts/sending.h"
#include "api/http/unknown_fields.h"
#include "api/rest/admin.h"
#include "api/rest/admin_target.h"
#include "base/utf8.h"
#include "core/names.h"
#include "hub/end_sessions.h"
#include "hub/on_shards.h"
#include "hub/stop_everybody.h"

namespace rogerthat::api {

namespace {

// An act under way. It belongs to the shard where it was asked for.
struct Acting {
  Answer answer;
  const Services& services;
  std::uint32_t shard = 0;  // where it was asked for
  core::Act act = core::Act::kick;
  ActFields fields;
  bool names_nobody = false;  // `fields` hold no target
  bool channel_known = false;
  // A channel that keeps no record of who talks on it gets none by way of the audit log.
  bool discreet = false;
};
using ActingPtr = std::shared_ptr<Acting>;

ActingPtr acting(Call& call, core::Act act, ActFields fields) {
  return std::make_shared<Acting>(
      Acting{std::move(call.answer), call.services, call.shard.number(), act, std::move(fields)});
}

core::AuditEntry entry_of(const Acting& acting, std::size_t sessions = 0) {
  core::AuditEntry entry;
  entry.act = acting.act;
  entry.channel = acting.fields.target.channel;
  entry.sessions = sessions;
  if (acting.discreet) return entry;
  entry.reason = acting.fields.reason;
  if (acting.names_nobody) return entry;
  entry.target_kind = acting.fields.target.kind;
  entry.target = acting.fields.target.name;
  return entry;
}

// Where the disk refuses, what was done holds until the process ends, and is said to be no more.
void enter(const ActingPtr& acting, core::AuditEntry entry, std::string body) {
  hub::Hub& hub = acting->services.hub;
  hub.audit().add(acting->shard, std::move(entry), [&hub, acting, body = std::move(body)] {
    if (!hub.store_healthy()) return acting->answer.error(hub::not_stored());
    acting->answer.json(body);
  });
}

std::string ended_body(std::size_t sessions) {
  return fmt::format("{{\"ok\":true,\"sessions\":{}}}", sessions);
}

void look_at(Acting& acting, const hub::ChannelEntry* entry) {
  acting.channel_known = entry != nullptr;
  acting.discreet = entry == nullptr || entry->record.options.retention == core::Retention::none;
}

// then(acting), once it is known what the channel is that the act names, if any.
template <class Then>
void with_channel(const ActingPtr& acting, Then then) {
  hub::Hub& hub = acting->services.hub;
  const std::string& channel = acting->fields.target.channel;
  if (channel.empty()) return then(acting);
  on_shard(
      hub, hub.shard_of_channel(channel), acting->shard, acting,
      [](Acting& a, hub::Shard& shard) { look_at(a, shard.find(a.fields.target.channel)); }, then);
}

Error unknown_channel() {
  return {ErrorCode::not_found, "There is no channel of that id.",
          "GET /api/admin/channels lists them."};
}

// The body of an act on somebody; nullopt: refused, and answered.
std::optional<ActFields> read_or_refuse(Call& call, std::span<const Field<TargetFields>> table,
                                        Result<ActFields> (*read)(const TargetFields&)) {
  FieldReader reader;
  TargetFields sent;
  const auto body = read_body(call, reader, part(table, sent));
  auto fields = body ? read(sent) : Result<ActFields>(std::unexpected(body.error()));
  if (fields) return std::move(*fields);
  call.answer.error(fields.error());
  return std::nullopt;
}

struct WhereFields {
  TextField channel;
};
constexpr Field<WhereFields> kWhereReads[] = {{"channel", read_member<&WhereFields::channel>}};

// -------------------------------------------------------------------------------------------- bans

// Bans of what is not there are typing errors.
Result<void> check_identity(const Services& services, const core::Target& target) {
  const bool known = services.hub.accounts().read([&](const core::Directory& directory) {
    return directory.find_identity(target.name) != nullptr ||
           directory.find_account(target.name) != nullptr;
  });
  if (known) return {};
  return fail(ErrorCode::not_found, fmt::format("There is no identity {}.", target.name));
}

Result<void> check_ban(const Call& call, const core::Target& target) {
  if (target.kind == core::TargetKind::identity) return check_identity(call.services, target);
  const bool own = target.kind == core::TargetKind::address && target.channel.empty() &&
                   target.network.contains(asker(call).address.bytes);
  if (!own) return {};
  return fail(ErrorCode::conflict, "address: you call from there yourself.",
              "You would shut yourself out. Behind a proxy, check --trusted-proxy first: without "
              "it everybody seems to come from the proxy.");
}

std::string ban_body(const core::Ban& ban, std::size_t sessions) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("ok", true);
  json.field("sessions", static_cast<std::uint64_t>(sessions));
  json.key("ban");
  write_ban(json, ban);
  json.end_object();
  return body;
}

// What still waits on connections from there has no session that would tell it of the end.
void close_connections(const Services& services, const core::Target& target) {
  const bool all = target.kind == core::TargetKind::address && target.channel.empty();
  if (!all || services.server == nullptr) return;
  services.server->close_clients([network = target.network](const net::IpAddress& client) {
    return network.contains(client.limit_key().bytes);
  });
}

void ban_now(const ActingPtr& acting) {
  const core::Target& target = acting->fields.target;
  if (!target.channel.empty() && !acting->channel_known) {
    return acting->answer.error(unknown_channel());
  }
  hub::Hub& hub = acting->services.hub;
  const core::Ban ban{target, acting->fields.reason, read_clocks().wall};
  hub.bans().put(acting->shard, ban, entry_of(*acting),
                 [acting, ban](const Result<std::size_t>& sessions) {
                   if (!sessions) return acting->answer.error(sessions.error());
                   close_connections(acting->services, ban.target);
                   acting->answer.json(ban_body(ban, *sessions));
                 });
}

// ------------------------------------------------------------------------------------------- stop

std::string standdown_text(std::string_view reason) {
  return core::with_reason(
      "standdown: the operator stops everybody here. Stop what you are doing, tell your person, "
      "and do not join again by yourself.",
      reason);
}

void stop_now(const ActingPtr& acting) {
  const std::string& channel = acting->fields.target.channel;
  if (!channel.empty() && !acting->channel_known) return acting->answer.error(unknown_channel());
  const std::string& reason = acting->fields.reason;
  hub::stand_down(acting->services.hub, acting->shard, {channel, standdown_text(reason), reason},
                  [acting](hub::StoodDown done) {
                    enter(acting, entry_of(*acting, done.sessions),
                          fmt::format("{{\"ok\":true,\"channels\":{},\"sessions\":{}}}",
                                      done.channels, done.sessions));
                  });
}

}  // namespace

void admin_kick(Call& call) {
  auto fields = read_or_refuse(call, act_fields(), read_act);
  if (!fields) return;
  with_channel(acting(call, core::Act::kick, std::move(*fields)), [](const ActingPtr& acting) {
    const core::Target& target = acting->fields.target;
    if (!target.channel.empty() && !acting->channel_known) {
      return acting->answer.error(unknown_channel());
    }
    hub::end_sessions(acting->services.hub, acting->shard,
                      {target, hub::EndReason::kicked, acting->fields.reason},
                      [acting](std::size_t sessions) {
                        enter(acting, entry_of(*acting, sessions), ended_body(sessions));
                      });
  });
}

void admin_ban(Call& call) {
  auto fields = read_or_refuse(call, act_fields(), read_act);
  if (!fields) return;
  if (auto ok = check_ban(call, fields->target); !ok) return call.answer.error(ok.error());
  with_channel(acting(call, core::Act::ban, std::move(*fields)), ban_now);
}

void admin_unban(Call& call) {
  auto fields = read_or_refuse(call, act_fields(), read_act);
  if (!fields) return;
  with_channel(acting(call, core::Act::unban, std::move(*fields)), [](const ActingPtr& acting) {
    acting->services.hub.bans().remove(acting->shard, acting->fields.target, entry_of(*acting),
                                       [acting](const Result<void>& done) {
                                         if (!done) return acting->answer.error(done.error());
                                         acting->answer.json("{\"ok\":true}");
                                       });
  });
}

// The channel's own shard: the router has moved the call there.
void admin_close(Call& call) {
  hub::ChannelEntry* const entry = call.shard.find(call.match.channel());
  if (entry == nullptr) return call.answer.error(unknown_channel());
  if (entry->record.options.band) {
    return call.answer.error({ErrorCode::conflict, "The public bands are always there.",
                              "POST /api/admin/stop ends the sessions of one."});
  }
  ActFields fields;
  fields.target.channel = entry->record.id;
  const ActingPtr closing = acting(call, core::Act::close, std::move(fields));
  closing->names_nobody = true;
  const std::size_t sessions = entry->channel.agent_count();
  call.shard.remove(*entry);
  call.shard.when_stored(
      [closing, sessions] { enter(closing, entry_of(*closing, sessions), ended_body(sessions)); });
}

void admin_send(Call& call) {
  FieldReader reader;
  WhereFields where;
  SendFields sent;
  auto read = read_body(call, reader, part(kWhereReads, where), part(send_fields(), sent));
  if (!read) return call.answer.error(read.error());
  ActFields fields;
  const std::string& channel = fields.target.channel = trim(where.channel.view());
  if (channel.empty()) {
    return call.answer.error({ErrorCode::invalid, "channel is missing: say where to send it."});
  }
  hub::Hub& hub = call.services.hub;
  const std::uint32_t home = hub.shard_of_channel(channel);
  if (home != call.shard.number())
    return call.answer.exchange().move_to(*call.services.loops[home]);
  hub::ChannelEntry* const entry = call.shard.find(channel);
  if (entry == nullptr) return call.answer.error(unknown_channel());
  SendInput input;
  if (read = read_send(reader, sent, input); !read) return call.answer.error(read.error());
  if (input.request.await != hub::AwaitFor::nothing) {
    return call.answer.error({ErrorCode::invalid, "await: the operator speaks and does not listen.",
                              "Leave await out."});
  }
  input.request.command.from = entry->channel.sender(core::kOperatorCallsign, call.now());
  const ActingPtr sending = acting(call, core::Act::send, fields);
  look_at(*sending, entry);
  call.shard.send(*entry, std::move(input.request), [sending](const Result<hub::SendReply>& reply) {
    if (!reply) return sending->answer.error(reply.error());
    sending->names_nobody = reply->to == "all";
    sending->fields.target.name = reply->to;
    std::string body;
    write_send_answer(body, *reply, nullptr);
    enter(sending, entry_of(*sending), std::move(body));
  });
}

void admin_stop(Call& call) {
  auto fields = read_or_refuse(call, place_fields(), read_place);
  if (!fields) return;
  const ActingPtr stopping = acting(call, core::Act::stop, std::move(*fields));
  stopping->names_nobody = true;
  with_channel(stopping, stop_now);
}

}  // namespace rogerthat::api
