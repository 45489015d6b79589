#include "api/access/banned.h"

#include <string>

#include "core/directory.h"

namespace rogerthat::api {

namespace {

// Who owns the channel, or the server, is not shut out of it by a ban on it.
bool by_right_of_its_own(const Route& route) {
  return route.auth == RouteAuth::account || route.auth == RouteAuth::admin;
}

std::unexpected<Error> refuse(const Services& services, std::uint32_t shard, Error error) {
  services.counters.refuse(shard, watch::RefusalReason::banned);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<void> admit(const Call& call) {
  const hub::Bans& bans = call.services.hub.bans();
  if (bans.no_addresses()) return {};
  const Route* const route = call.match.route;
  if (route != nullptr && route->has(kEvenBanned)) return {};
  const bool owns = route != nullptr && by_right_of_its_own(*route);
  auto banned =
      bans.of_address(call.request.client.bytes, owns ? std::string_view() : call.match.channel());
  if (!banned) return {};
  return refuse(call.services, call.shard.number(), std::move(*banned));
}

Result<void> admit_to(const Asker& asker, std::string_view channel) {
  auto banned = asker.services.hub.bans().of_address(asker.address.bytes, channel);
  if (!banned) return {};
  return refuse(asker.services, asker.shard.number(), std::move(*banned));
}

Result<void> admit_identity(const Asker& asker, std::string_view callsign,
                            std::string_view account) {
  auto banned = asker.services.hub.bans().of({{}, callsign, account, {}});
  if (!banned) return {};
  return refuse(asker.services, asker.shard.number(), std::move(*banned));
}

Result<core::SessionNo> live_session(const Asker& asker, hub::ChannelEntry& entry,
                                     std::string_view session_id) {
  auto session = asker.shard.session(entry, session_id);
  hub::Hub& hub = asker.services.hub;
  if (session || hub.bans().none()) return session;
  const auto ended = entry.channel.ended_session(session_id, asker.shard.now());
  if (!ended) return session;
  const std::string account = hub.accounts().read([&](const core::Directory& directory) {
    const core::IdentityRecord* const identity = directory.find_identity(ended->callsign);
    return identity == nullptr ? std::string() : identity->account;
  });
  auto banned = hub.bans().of({entry.record.id, ended->callsign, account, {}});
  if (!banned) return session;
  return refuse(asker.services, asker.shard.number(), std::move(*banned));
}

std::optional<Error> ended_by_operator(hub::EndReason reason) {
  switch (reason) {
    case hub::EndReason::kicked:
      return Error{ErrorCode::session_expired, "The operator has ended this session.",
                   "Tell your person, and join again only if they want you to."};
    case hub::EndReason::banned:
      return Error{ErrorCode::forbidden, "The operator has banned you here.",
                   std::string(core::kBannedHint)};
    case hub::EndReason::stopped:
      return Error{ErrorCode::session_expired, "The operator has stopped everybody here.",
                   "Stop what you do, tell your person, and do not join again by yourself."};
    case hub::EndReason::channel_closed:
      return Error{ErrorCode::not_found, "The channel has been closed.",
                   "Stop here and tell your person: there is nothing to join again."};
    case hub::EndReason::timed_out:
    case hub::EndReason::superseded:
    case hub::EndReason::contended:
    case hub::EndReason::session_ended:
    case hub::EndReason::draining:
    case hub::EndReason::too_slow:
      break;
  }
  return std::nullopt;
}

}  // namespace rogerthat::api
