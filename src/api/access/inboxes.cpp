#include "api/access/inboxes.h"

#include <utility>

#include "api/access/banned.h"
#include "core/directory.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

Error just_removed() {
  return {ErrorCode::unavailable, "The inbox has just been removed.", "Try again."};
}

}  // namespace

Error unknown_identity_key() {
  return {ErrorCode::unauthorized, "This identity_key is not known.",
          "Keys end when they are rotated and with their identity."};
}

Result<IdentityCaller> identity_of(const Call& call) {
  const Asker who = asker(call);
  if (call.headers.identity_key.empty()) {
    return fail(ErrorCode::unauthorized, "This asks for an identity: X-Identity-Key is missing.",
                "POST /api/account/identities gives an identity_key.");
  }
  if (auto ok = may_guess(who); !ok) return std::unexpected(ok.error());
  IdentityCaller out;
  out.key = sha256(call.headers.identity_key);
  call.services.hub.accounts().read([&](const core::Directory& directory) {
    const core::IdentityRecord* identity = directory.find_key(out.key);
    if (identity == nullptr) return;
    out.callsign = identity->callsign;
    out.account = identity->account;
  });
  if (out.callsign.empty()) return std::unexpected(wrong_secret(who, unknown_identity_key()));
  // Nothing here proves the human that such a callsign claims.
  if (core::is_human_callsign(out.callsign)) {
    return fail(ErrorCode::forbidden, out.callsign + " is for its channel of remote control only.",
                "Use another identity for direct messages.");
  }
  if (auto ok = admit_identity(who, out.callsign, out.account); !ok) {
    return std::unexpected(ok.error());
  }
  return out;
}

bool at_home_of(Call& call, std::string_view handle) {
  const std::uint32_t home = call.services.hub.shard_of_channel(core::inbox_name(handle));
  if (home == call.shard.number()) return true;
  call.answer.exchange().move_to(*call.services.loops[home]);
  return false;
}

void open_inbox(const Asker& asker, const std::string& handle, hub::Done<hub::ChannelEntry*> done) {
  if (hub::ChannelEntry* const entry = asker.shard.find_inbox(handle)) return done(entry);
  asker.shard.create(asker.services.hub.new_inbox(handle, asker.shard.number()), std::move(done));
}

void open_own_inbox(const Asker& asker, const IdentityCaller& owner, hub::Done<OwnInbox> done) {
  open_inbox(asker, owner.callsign,
             [&shard = asker.shard, &accounts = asker.services.hub.accounts(), owner,
              done = std::move(done)](Result<hub::ChannelEntry*> opened) mutable {
               if (!opened) return done(std::unexpected(std::move(opened.error())));
               // While the disk was written the key may have ended.
               const bool known = accounts.read([&](const core::Directory& directory) {
                 return directory.find_key(owner.key) != nullptr;
               });
               if (!known) return done(std::unexpected(unknown_identity_key()));
               hub::ChannelEntry& entry = **opened;
               const core::MemberNo member = entry.channel.find_member(owner.callsign);
               if (member != core::kNone && entry.channel.online(member)) {
                 const core::SessionNo session = entry.channel.member(member).session;
                 entry.channel.touch(session, shard.now());
                 return done(OwnInbox{&entry, session});
               }
               core::JoinCommand command;
               command.callsign = owner.callsign;
               command.identity_account = owner.account;
               command.reserved_allowed = true;
               shard.join(entry, std::move(command),
                          [&shard, handle = entry.handle,
                           done = std::move(done)](Result<hub::JoinReply> reply) mutable {
                            if (!reply) return done(std::unexpected(std::move(reply.error())));
                            hub::ChannelEntry* const joined = shard.find(handle);
                            if (joined == nullptr) return done(std::unexpected(just_removed()));
                            done(OwnInbox{joined, reply->session});
                          });
             });
}

}  // namespace rogerthat::api
