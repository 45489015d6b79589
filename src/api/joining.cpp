#include "api/joining.h"

#include "api/body.h"
#include "api/connect.h"
#include "api/elsewhere.h"
#include "base/utf8.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

struct JoinFields {
  TextField callsign;
  std::optional<std::string_view> identity_key, owner_password, ack, intro;
};

void read_field(FieldReader& reader, std::string_view key, JsonValue value, JoinFields& in) {
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
}

// A join that may wait for a slow hash or for the disk.
struct Joining {
  hub::Shard& shard;
  hub::ChannelHandle channel;
  core::JoinCommand command;
  JoinDone done;

  void fail(Error error) { done(std::unexpected(std::move(error)), nullptr); }
};

void join_now(const std::shared_ptr<Joining>& joining) {
  hub::ChannelEntry* const entry = joining->shard.find(joining->channel);
  if (entry == nullptr) {
    return joining->fail({ErrorCode::not_found, "The channel has just been removed."});
  }
  core::JoinCommand command = std::move(joining->command);
  joining->shard.join(*entry, std::move(command), [joining](Result<hub::JoinReply> reply) {
    if (!reply) return joining->fail(std::move(reply.error()));
    const hub::ChannelEntry* const joined = joining->shard.find(joining->channel);
    if (joined == nullptr || !joined->channel.session(reply->session).in_use) {
      return joining->fail(
          {ErrorCode::session_expired, "The session ended before this answer.", "Join again."});
    }
    joining->done(std::move(reply), joined);
  });
}

// A wrong owner password is told, so that a typo is noticed.
void join_if_right(const std::shared_ptr<Joining>& joining, const Asker& asker,
                   const Result<bool>& right) {
  if (!right) return joining->fail(right.error());
  joining->command.human_authorized = *right;
  if (*right) return join_now(joining);
  joining->fail(
      wrong_secret(asker, {ErrorCode::unauthorized, "owner_password is wrong.",
                           "Ask your human for it, or leave it out to join without it."}));
}

}  // namespace

Result<JoinWish> read_join(const std::optional<JsonValue>& fields) {
  JoinFields in;
  FieldReader reader;
  if (fields) {
    fields->each_field(
        [&](std::string_view key, JsonValue value) { read_field(reader, key, value, in); });
  }
  if (in.ack && *in.ack != "explicit") {
    reader.complain("ack must be \"explicit\".", "Leave it out for the usual hand-over.");
  }
  if (reader.error()) return std::unexpected(*reader.error());

  JoinWish wish;
  if (in.callsign.present()) {
    std::string callsign = core::normalise_callsign(in.callsign.view());
    if (!callsign.empty()) wish.command.callsign = std::move(callsign);
  }
  wish.command.ack_explicit = in.ack.has_value();
  if (in.intro) wish.command.intro = std::string(*in.intro);
  wish.owner_password = trim(in.owner_password.value_or(""));
  wish.has_identity_key = in.identity_key.has_value();
  return wish;
}

void carry_out_join(const Asker& asker, hub::ChannelEntry& entry, JoinWish wish, JoinDone done) {
  const core::ChannelOptions& options = entry.record.options;
  const auto refuse = [&done](Error error) { done(std::unexpected(std::move(error)), nullptr); };
  if (wish.has_identity_key) {
    return refuse(wrong_secret(
        asker, {ErrorCode::unauthorized, "This identity_key is not known.",
                options.require_identity ? "" : "Leave it out to join without an identity."}));
  }
  const bool proves = !wish.owner_password.empty() && options.has_owner_password;
  if (proves) {
    if (auto ok = may_guess(asker); !ok) return refuse(ok.error());
  }
  wish.command.new_session_id = asker.services.session_ids.mint(random_source());
  auto joining = std::make_shared<Joining>(asker.shard, entry.handle, std::move(wish.command),
                                           std::move(done));
  if (!proves) return join_now(joining);
  verify_owner_password(asker, wish.owner_password, entry.record.owner_password_hash,
                        [joining = std::move(joining), asker](const Result<bool>& right) {
                          join_if_right(joining, asker, right);
                        });
}

core::TrustPosture posture_of(const hub::ChannelEntry& entry, const hub::JoinReply& reply) {
  const core::TrustPosture held = entry.channel.posture(reply.session);
  const bool only_the_holders =
      held == core::TrustPosture::trusted_authorized && !reply.human_authorized;
  return only_the_holders ? core::TrustPosture::trusted_no_password : held;
}

void write_join_fields(JsonWriter& json, const hub::ChannelEntry& entry,
                       const hub::JoinReply& reply, Attached attached) {
  const core::Channel& channel = entry.channel;
  const core::Session& session = channel.session(reply.session);
  const core::ChannelOptions& options = entry.record.options;
  const core::TrustPosture trust = posture_of(entry, reply);

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
  write_messages(json, channel, channel.history(core::kJoinHistory, session.member), attached);
  json.field("retention", core::to_string(options.retention));
  json.field("session_ttl_seconds", static_cast<double>(options.session_ttl) / kSecond);
  json.field("unread", static_cast<std::uint64_t>(channel.unread(reply.session)));
}

}  // namespace rogerthat::api
