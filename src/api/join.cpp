#include "api/join.h"

#include <fmt/format.h>

#include "api/auth.h"
#include "api/body.h"
#include "api/connect.h"
#include "api/elsewhere.h"
#include "api/message_json.h"
#include "base/utf8.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kSessionIdBytes = 18;  // 144 bits, 24 characters

struct JoinFields {
  TextField callsign;
  std::optional<std::string_view> identity_key, owner_password, ack, intro;
};

Result<JoinFields> read_fields(std::string_view body) {
  const auto parsed = parse_body(body);
  if (!parsed) return std::unexpected(parsed.error());
  JoinFields in;
  if (!*parsed) return in;
  FieldReader reader;
  (*parsed)->each_field([&](std::string_view key, JsonValue value) {
    if (key == "callsign")
      reader.read(key, value, in.callsign);
    else if (key == "identity_key")
      reader.read(key, value, in.identity_key);
    else if (key == "owner_password")
      reader.read(key, value, in.owner_password);
    else if (key == "ack")
      reader.read(key, value, in.ack);
    else if (key == "intro")
      reader.read(key, value, in.intro);
  });
  if (in.ack && *in.ack != "explicit") {
    reader.complain("ack must be \"explicit\".", "Leave it out for the usual hand-over.");
  }
  if (reader.error()) return std::unexpected(*reader.error());
  return in;
}

core::JoinCommand make_command(const Call& call, const JoinFields& in) {
  core::JoinCommand command;
  if (in.callsign.present()) {
    std::string callsign = core::normalise_callsign(in.callsign.view());
    if (!callsign.empty()) command.callsign = std::move(callsign);
  }
  command.spare_callsign = core::random_callsign(random_source());
  command.session_id = call.headers.session_id;
  command.new_session_id = random_source().token(kSessionIdBytes);
  command.ack_explicit = in.ack.has_value();
  if (in.intro) command.intro = std::string(*in.intro);
  return command;
}

// Who merely shares a live session has proved nothing by what its holder has proved.
core::TrustPosture posture(const core::Channel& channel, core::SessionNo session, bool authorized) {
  const core::TrustPosture held = channel.posture(session);
  const bool only_the_holders = held == core::TrustPosture::trusted_authorized && !authorized;
  return only_the_holders ? core::TrustPosture::trusted_no_password : held;
}

void write_answer(std::string& body, const hub::ChannelEntry& entry, const hub::JoinReply& reply) {
  const core::Channel& channel = entry.channel;
  const core::Session& session = channel.session(reply.session);
  const core::ChannelOptions& options = entry.record.options;
  const core::TrustPosture trust = posture(channel, reply.session, reply.human_authorized);

  JsonWriter json(body);
  json.begin_object();
  json.field("session_id", reply.session_id);
  json.field("callsign", reply.callsign);
  if (session.identity_account.empty()) {
    json.null_field("identity_account");
  } else {
    json.field("identity_account", session.identity_account);
  }
  json.field("human_authorized", reply.human_authorized);
  json.field("trust_mode", core::to_string(options.trust_mode));
  json.field("trust_posture", core::to_string(trust));
  json.field("instructions", join_instructions(trust, options));
  json.field("idempotent", reply.idempotent);
  if (reply.collision_warning) json.field("collision_warning", collision_warning(reply.callsign));
  json.key("roster");
  write_roster(json, channel, core::kRosterShown);
  json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.key("roster_with_index");
  write_roster_with_index(json, channel, core::kRosterShown);
  json.key("history");
  write_messages(json, channel, channel.history(core::kJoinHistory, session.member));
  json.field("retention", core::to_string(options.retention));
  json.field("session_ttl_seconds", static_cast<double>(options.session_ttl) / kSecond);
  json.field("unread", static_cast<std::uint64_t>(channel.unread(reply.session)));
  json.field("privacy", privacy_notice(options));
  json.field("hint", join_hint(options, reply.callsign));
  json.end_object();
}

// A join whose answer may wait for a slow hash or for the disk.
struct Joining {
  Answer answer;
  hub::Shard& shard;
  hub::ChannelHandle channel;
  core::JoinCommand command;
};

void carry_out(const std::shared_ptr<Joining>& joining) {
  hub::ChannelEntry* const entry = joining->shard.find(joining->channel);
  if (entry == nullptr) {
    return joining->answer.error({ErrorCode::not_found, "The channel has just been removed."});
  }
  core::JoinCommand command = std::move(joining->command);
  joining->shard.join(*entry, std::move(command), [joining](Result<hub::JoinReply> reply) {
    if (!reply) return joining->answer.error(reply.error());
    const hub::ChannelEntry* const joined = joining->shard.find(joining->channel);
    if (joined == nullptr || !joined->channel.session(reply->session).in_use) {
      return joining->answer.error(
          {ErrorCode::session_expired, "The session ended before this answer.", "Join again."});
    }
    std::string& body = scratch();
    write_answer(body, *joined, *reply);
    joining->answer.json(body);
  });
}

// A wrong owner password is told, so that a typo is noticed.
void join_if_right(const std::shared_ptr<Joining>& joining, const Guesser& guesser, bool right) {
  joining->command.human_authorized = right;
  if (right) return carry_out(joining);
  joining->answer.error(
      wrong_secret(guesser, {ErrorCode::unauthorized, "owner_password is wrong.",
                             "Ask your human for it, or leave it out to join without it."}));
}

}  // namespace

void join(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  hub::ChannelEntry& entry = **found;
  const core::ChannelOptions& options = entry.record.options;
  if (auto ok = take_limit(call, options.band ? hub::Limited::join_band : hub::Limited::join);
      !ok) {
    return call.answer.error(ok.error());
  }
  const auto in = read_fields(call.request.body);
  if (!in) return call.answer.error(in.error());
  if (in->identity_key) {
    return call.answer.error(wrong_secret(
        guesser(call),
        {ErrorCode::unauthorized, "This identity_key is not known.",
         options.require_identity ? "" : "Leave it out to join without an identity."}));
  }
  auto joining = std::make_shared<Joining>(Answer(std::move(call.answer)), call.shard, entry.handle,
                                           make_command(call, *in));
  const std::string_view password = trim(in->owner_password.value_or(""));
  if (password.empty() || !options.has_owner_password) return carry_out(std::move(joining));
  if (auto ok = may_guess(call); !ok) return joining->answer.error(ok.error());
  verify_owner_password(call, std::move(joining), std::string(password),
                        entry.record.owner_password_hash, join_if_right);
}

void keepalive(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  const auto session = required_session(call, **found);
  if (!session) return call.answer.error(session.error());
  call.answer.json("{\"ok\":true}");
}

void leave(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  if (call.headers.session_id.empty()) {
    return call.answer.error(required_session(call, **found).error());
  }
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.shard.leave(**found, call.headers.session_id, [answer](Result<bool> left) {
    if (left) {
      answer->json("{\"ok\":true}");
    } else {
      answer->error(left.error());
    }
  });
}

}  // namespace rogerthat::api
