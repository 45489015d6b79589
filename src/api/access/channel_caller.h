// Who asks about a channel from outside of it: a holder of its token, or the account that created
// it. Telling them apart, and the owner password that takes the place of that account.
// On channels that require identities, only these two get the direct messages of others in full.
#pragma once

#include <utility>

#include "api/access/auth.h"
#include "api/access/owner_password.h"
#include "base/utf8.h"

namespace rogerthat::api {

struct ChannelCaller {
  hub::ChannelEntry* entry = nullptr;
  bool creator = false;  // came with the session of the account that owns the channel
};
Result<ChannelCaller> channel_caller(Call& call);

// True: the caller has to be told from others, and X-Owner-Password came along to do so.
bool gives_owner_password(const Call& call, const ChannelCaller& caller);

// Whom the session of this call was opened by the key of; empty: it has none, or there is no
// session.
std::string identity_of_session(const Call& call, const hub::ChannelEntry& entry);

// then(ok) on the asker's shard, once the owner password of this call has been looked at.
template <class Then>
void prove_owner(const Call& call, const hub::ChannelEntry& entry, Then then) {
  const Asker who = asker(call);
  if (auto ok = may_guess(who); !ok) return then(std::move(ok));
  verify_owner_password(
      who, trim(call.headers.owner_password), entry.record.owner_password_hash,
      identity_of_session(call, entry),
      [who, then = std::move(then)](const Result<bool>& right) mutable {
        if (!right) return then(Result<void>(std::unexpected(right.error())));
        if (*right) return then(Result<void>());
        then(Result<void>(std::unexpected(wrong_secret(
            who, {ErrorCode::unauthorized, "X-Owner-Password is wrong.",
                  "Leave it out to get the direct messages of others as metadata."}))));
      });
}

}  // namespace rogerthat::api
