#include "api/acts/remote_control.h"

#include <memory>

#include <fmt/format.h>

#include "api/acts/enrolment.h"
#include "api/http/secrets.h"
#include "api/http/told_fields.h"
#include "api/texts/connect.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kPasswordBytes = 12;

constexpr std::string_view kLinkHint =
    "Show your person the QR code, or send mobile_url where only they read it: whoever has the "
    "link speaks as your person. ";
constexpr std::string_view kSharedHint =
    "This link has no password: it may travel, and its page asks for owner_password, which you "
    "tell your person on another way. ";
constexpr std::string_view kHowToListen =
    "Keep listener_command running in the background; beside it run monitor_command where you are "
    "shown new lines of a running command, or doorbell_command where you are resumed when a "
    "command ends (start it again after every answer). Answer with reply_command.";

constexpr Field<RemoteWish> kRemoteReads[] = {{"share", read_member<&RemoteWish::share>}};
static_assert(reads_as_told<RemoteWish>(kRemoteReads, kRemoteFields));

// What is on its way: a slow hash, the disk, the first shard and the disk again.
struct Opening {
  Asker asker;
  std::string origin;
  RemoteWish wish;
  RemoteDone done;
  core::NewRemote identities;
  RemoteControl made;
};
using OpeningRef = std::shared_ptr<Opening>;

NewChannel remote_channel(std::string account) {
  NewChannel wanted;
  core::ChannelOptions& options = wanted.options;
  options.retention = core::Retention::metadata;
  options.trust_mode = core::TrustMode::trusted;
  options.require_identity = true;
  options.has_owner_password = true;
  options.durable = true;
  options.session_ttl = core::kSessionTtlMax;
  wanted.owner_password = random_source().token(kPasswordBytes);
  wanted.owner_account = std::move(account);
  return wanted;
}

// Everything in it is made of letters, digits, '-' and '_'.
std::string mobile_url(const Opening& opening) {
  const RemoteControl& made = opening.made;
  std::string url =
      fmt::format("{}/remote/{}#t={}&k={}&cs={}", opening.origin, made.channel.record.id,
                  made.channel.token, made.phone.key, made.phone.callsign);
  if (!opening.wish.share.value_or(false)) url += "&p=" + made.channel.owner_password;
  return url + "&n=" + made.agent.callsign;
}

// Nobody has been told the keys; even so, nothing is to be left that they would open. Where it was
// the disk that refused, the account stays, as one that nobody can open.
void give_up(Opening& opening, Error error) {
  hub::Shard& shard = opening.asker.shard;
  hub::ChannelEntry* const entry = shard.find(opening.made.channel.record.id);
  if (entry != nullptr) shard.remove(*entry);
  opening.asker.services.hub.accounts().change(
      shard.number(),
      [account = opening.identities.account](const core::Directory& directory, Millis) {
        return directory.remove_account(account);
      },
      [](const Result<void>&) {});
  opening.done(std::unexpected(std::move(error)));
}

void finish(const OpeningRef& opening) {
  RemoteControl& made = opening->made;
  made.shared = opening->wish.share.value_or(false);
  made.mobile_url = mobile_url(*opening);
  auto qr = draw_qr(made.mobile_url);
  if (!qr) return give_up(*opening, qr.error());
  made.qr = std::move(*qr);
  opening->done(std::move(made));
}

void add_identities(const OpeningRef& opening) {
  opening->asker.services.hub.accounts().change(
      opening->asker.shard.number(),
      [opening](const core::Directory& directory, Millis wall) -> Result<core::DirectoryChanges> {
        core::MadeRemote made = directory.create_remote(opening->identities, random_source(), wall);
        opening->made.agent.callsign = std::move(made.agent);
        opening->made.phone.callsign = std::move(made.phone);
        return std::move(made.changes);
      },
      [opening](const Result<void>& stored) {
        if (stored) return finish(opening);
        give_up(*opening, stored.error());
      });
}

Place agent_place(const View& view, const RemoteControl& made) {
  Place place = place_of(view, facts_of(made.channel));
  place.callsign = made.agent.callsign;
  place.identity_key = made.agent.key;
  return place;
}

void write_identity(JsonWriter& json, std::string_view name, const RemoteIdentity& identity) {
  json.key(name).begin_object();
  json.field("callsign", identity.callsign).field("identity_key", identity.key);
  json.end_object();
}

}  // namespace

std::span<const Field<RemoteWish>> remote_fields() {
  return kRemoteReads;
}

// The channel comes first: one that nobody has ever joined goes away by itself, should the process
// end here; handles are for ever.
void make_remote_control(const Asker& asker, std::string origin, RemoteWish wish, RemoteDone done) {
  Random& random = random_source();
  const Secret recovery = mint_secret(kRecoveryPrefix, random);
  const Secret agent = mint_secret(kIdentityPrefix, random);
  const Secret phone = mint_secret(kIdentityPrefix, random);
  auto opening = std::make_shared<Opening>(
      Opening{asker, std::move(origin), wish, std::move(done), {}, RemoteControl()});
  opening->identities = {new_account_id(random), recovery.hash, agent.hash, phone.hash};
  opening->made.account_id = opening->identities.account;
  opening->made.recovery_token = recovery.text;
  opening->made.agent.key = agent.text;
  opening->made.phone.key = phone.text;
  make_channel(asker.services, asker.shard, remote_channel(opening->identities.account),
               [opening](Result<MadeChannel> channel) {
                 if (!channel) return opening->done(std::unexpected(std::move(channel.error())));
                 opening->made.channel = std::move(*channel);
                 add_identities(opening);
               });
}

void write_remote_control(JsonWriter& json, const View& view, const RemoteControl& made) {
  const core::ChannelOptions& options = made.channel.record.options;
  const Place agent = agent_place(view, made);
  json.field("channel_id", made.channel.record.id);
  json.field("channel_token", made.channel.token);
  json.field("owner_password", made.channel.owner_password);
  write_identity(json, "agent", made.agent);
  write_identity(json, "phone", made.phone);
  json.field("mobile_url", made.mobile_url);
  json.field("qr_ascii", made.qr.terminal).field("qr_ascii_clean", made.qr.text);
  json.field("qr_data_url", made.qr.data_url);
  json.field("account_id", made.account_id).field("recovery_token", made.recovery_token);
  json.field("session_ttl_seconds", options.session_ttl / kSecond);
  json.field("listener_command", inbox_listener(agent));
  json.field("monitor_command", inbox_monitor(agent));
  json.field("doorbell_command", inbox_doorbell(agent));
  json.field("reply_command", send_command(agent, made.phone.callsign, "On it."));
  json.field("notice", retention_notice(options));
  json.field("hint", fmt::format("{}{}", made.shared ? kSharedHint : kLinkHint, kHowToListen));
}

}  // namespace rogerthat::api
