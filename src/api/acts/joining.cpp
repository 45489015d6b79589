#include "api/acts/joining.h"

#include "api/access/owner_password.h"
#include "api/http/told_fields.h"
#include "api/texts/connect.h"
#include "base/utf8.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

constexpr Field<JoinFields> kJoinReads[] = {
    {"callsign", read_member<&JoinFields::callsign>},
    {"identity_key", read_member<&JoinFields::identity_key>},
    {"owner_password", read_member<&JoinFields::owner_password>},
    {"ack", read_member<&JoinFields::ack>},
    {"intro", read_member<&JoinFields::intro>},
};
static_assert(reads_as_told<JoinFields>(kJoinReads, kJoinFields));

// A join that may wait for a slow hash or for the disk.
struct Joining {
  Asker asker;
  hub::ChannelHandle channel;
  core::JoinCommand command;
  std::string identity_key;
  JoinDone done;

  void fail(Error error) { done(std::unexpected(std::move(error)), nullptr); }
};

// The callsign and the account of the key, as they are at this moment: a key that was revoked while
// the password was being verified opens nothing.
Result<void> use_identity(Joining& joining, const hub::ChannelEntry& entry) {
  const Digest hash = sha256(joining.identity_key);
  core::JoinCommand& command = joining.command;
  const bool known =
      joining.asker.services.hub.accounts().read([&](const core::Directory& directory) {
        const core::IdentityRecord* identity = directory.find_key(hash);
        if (identity == nullptr) return false;
        command.callsign = identity->callsign;
        command.identity_account = identity->account;
        command.reserved_allowed = true;
        return true;
      });
  if (known) return {};
  return std::unexpected(wrong_secret(
      joining.asker,
      {ErrorCode::unauthorized, "This identity_key is not known.",
       entry.record.options.require_identity ? "Ask whoever made the identity for its key."
                                             : "Leave it out to join without an identity."}));
}

// Whose key it is at this moment; empty: nobody's.
std::string identity_of_key(const Asker& asker, const std::string& key) {
  if (key.empty()) return {};
  return asker.services.hub.accounts().read([&](const core::Directory& directory) {
    const core::IdentityRecord* identity = directory.find_key(sha256(key));
    return identity == nullptr ? std::string()
                               : identity_name(identity->callsign, identity->account);
  });
}

// Whether this join, or the session that it goes on with, was authorized by a human.
bool human_behind(const Joining& joining, const hub::ChannelEntry& entry) {
  const core::JoinCommand& command = joining.command;
  if (command.human_authorized) return true;
  const auto own = entry.channel.find_session(command.session_id, joining.asker.shard.now());
  if (!own) return false;
  const core::Session& session = entry.channel.session(*own);
  return session.is_authorized() && session.identity_account == command.identity_account;
}

// A callsign that claims a human must not be worn without one: not by a shared link, and not on
// somebody else's channel.
Result<void> check_human_callsign(const Joining& joining, const hub::ChannelEntry& entry) {
  const auto& callsign = joining.command.callsign;
  if (!callsign || !core::is_human_callsign(*callsign)) return {};
  if (human_behind(joining, entry)) return {};
  return fail(ErrorCode::forbidden,
              *callsign +
                  " joins with the owner_password only: the callsign says that a human is "
                  "behind it.",
              entry.record.options.has_owner_password
                  ? "Send owner_password beside identity_key."
                  : "This channel has none: use another identity.");
}

void join_now(const std::shared_ptr<Joining>& joining) {
  hub::Shard& shard = joining->asker.shard;
  hub::ChannelEntry* const entry = shard.find(joining->channel);
  if (entry == nullptr) {
    return joining->fail({ErrorCode::not_found, "The channel has just been removed."});
  }
  if (!joining->identity_key.empty()) {
    if (auto ok = use_identity(*joining, *entry); !ok) return joining->fail(ok.error());
    if (auto ok = check_human_callsign(*joining, *entry); !ok) return joining->fail(ok.error());
  }
  core::JoinCommand command = std::move(joining->command);
  command.handles = &joining->asker.services.hub.accounts();
  command.address = joining->asker.address.bytes;
  shard.join(*entry, std::move(command), [joining](Result<hub::JoinReply> reply) {
    if (!reply) return joining->fail(std::move(reply.error()));
    const hub::ChannelEntry* const joined = joining->asker.shard.find(joining->channel);
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

std::span<const Field<JoinFields>> join_fields() {
  return kJoinReads;
}

Result<JoinWish> read_join(FieldReader& reader, const JoinFields& in) {
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
  wish.owner_password = trim(in.owner_password);
  wish.identity_key = in.identity_key;
  return wish;
}

void carry_out_join(const Asker& asker, hub::ChannelEntry& entry, JoinWish wish, JoinDone done) {
  const core::ChannelOptions& options = entry.record.options;
  const auto refuse = [&done](Error error) { done(std::unexpected(std::move(error)), nullptr); };
  const bool proves = !wish.owner_password.empty() && options.has_owner_password;
  if (proves || !wish.identity_key.empty()) {
    if (auto ok = may_guess(asker); !ok) return refuse(ok.error());
  }
  wish.command.new_session_id = asker.services.session_ids.mint(random_source());
  auto joining = std::make_shared<Joining>(asker, entry.handle, std::move(wish.command),
                                           std::move(wish.identity_key), std::move(done));
  if (!proves) return join_now(joining);
  std::string identity = identity_of_key(asker, joining->identity_key);
  verify_owner_password(asker, wish.owner_password, entry.record.owner_password_hash,
                        std::move(identity),
                        [joining = std::move(joining), asker](const Result<bool>& right) {
                          join_if_right(joining, asker, right);
                        });
}

core::TrustPosture posture_of(const hub::ChannelEntry& entry, const hub::JoinReply& reply) {
  const core::TrustPosture held = entry.channel.posture(reply.session);
  const bool by_password = held == core::TrustPosture::trusted_authorized ||
                           held == core::TrustPosture::trusted_no_password;
  if (!by_password) return held;
  return reply.human_authorized ? core::TrustPosture::trusted_authorized
                                : core::TrustPosture::trusted_no_password;
}

std::string callsign_warning(const hub::ChannelEntry& entry, const hub::JoinReply& reply) {
  const core::Channel& channel = entry.channel;
  const bool verified = !channel.session(reply.session).identity_account.empty();
  if (verified || !core::is_model_callsign(reply.callsign)) return {};
  std::string spare = core::random_callsign(random_source());
  if (channel.find_member(spare) != core::kNone) spare = channel.free_callsign_like(spare, nullptr);
  return model_callsign_warning(reply.callsign, spare);
}

void write_join_fields(JsonWriter& json, const hub::ChannelEntry& entry,
                       const hub::JoinReply& reply, hub::Attached attached) {
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
  if (const std::string warning = callsign_warning(entry, reply); !warning.empty()) {
    json.field("callsign_warning", warning);
  }
  json.key("roster");
  hub::write_roster(json, channel, core::kRosterShown);
  json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.key("roster_with_index");
  hub::write_roster_with_index(json, channel, core::kRosterShown);
  json.key("history");
  hub::write_messages(json, channel, channel.history(core::kJoinHistory, session.member), attached);
  json.field("retention", core::to_string(options.retention));
  json.field("session_ttl_seconds", static_cast<double>(options.session_ttl) / kSecond);
  json.field("unread", static_cast<std::uint64_t>(channel.unread(reply.session)));
}

}  // namespace rogerthat::api
