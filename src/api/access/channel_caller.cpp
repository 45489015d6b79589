#include "api/access/channel_caller.h"

#include "api/access/accounts.h"
#include "api/http/secrets.h"

namespace rogerthat::api {

Result<ChannelCaller> channel_caller(Call& call) {
  const auto token = bearer(call.headers.authorization);
  const auto found = any_channel(call);
  if (!found) return std::unexpected(found.error());
  const std::string& owner = (*found)->record.owner_account;
  if (token && token->starts_with(kSessionPrefix) && !owner.empty()) {
    const auto account = account_of(call);
    if (!account) return std::unexpected(account.error());
    if (*account == owner) return ChannelCaller{*found, true};
    return fail(ErrorCode::forbidden, "This account has not created this channel.",
                "Use the join_token of the channel.");
  }
  auto entry = authorised_channel(call);
  if (!entry) return std::unexpected(entry.error());
  return ChannelCaller{*entry, false};
}

std::string identity_of_session(const Call& call, const hub::ChannelEntry& entry) {
  if (call.headers.session_id.empty()) return {};
  const auto no = entry.channel.find_session(call.headers.session_id, call.now());
  if (!no) return {};
  const core::Session& session = entry.channel.session(*no);
  if (session.identity_account.empty()) return {};
  return identity_name(entry.channel.member(session.member).callsign, session.identity_account);
}

bool gives_owner_password(const Call& call, const ChannelCaller& caller) {
  const core::ChannelOptions& options = caller.entry->record.options;
  return options.require_identity && options.has_owner_password && !caller.creator &&
         !trim(call.headers.owner_password).empty();
}

}  // namespace rogerthat::api
