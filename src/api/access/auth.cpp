#include "api/access/auth.h"

#include <fmt/format.h>

#include "api/access/admin_token.h"
#include "api/access/banned.h"
#include "api/access/channel_door.h"
#include "base/utf8.h"

namespace rogerthat::api {

namespace {

constexpr std::string_view kHubTokenHint =
    "Send the hub's token as 'Authorization: Bearer <token>' or in X-Hub-Token.";

std::string_view key_of(const net::IpAddress& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()};
}

hub::LimitState take(const Asker& who, hub::Limited what) {
  return who.services.hub.limiter().take(what, key_of(who.address), who.shard.now());
}

hub::LimitState peek(const Asker& who, hub::Limited what) {
  return who.services.hub.limiter().peek(what, key_of(who.address), who.shard.now());
}

std::string_view kind_of(hub::Limited what) {
  switch (what) {
    case hub::Limited::send:
    case hub::Limited::send_band:
      return "sends";
    case hub::Limited::channel_creation:
      return "channel creations";
    case hub::Limited::join:
    case hub::Limited::join_band:
      return "joins";
    case hub::Limited::wrong_secret:
      return "wrong credentials";
    case hub::Limited::webhook:
      return "new webhooks";
    default:
      return "requests";
  }
}

Error session_missing() {
  return {ErrorCode::invalid, "The X-Session-Id header is missing.",
          "Join the channel first and send the session_id of that answer as X-Session-Id."};
}

}  // namespace

std::optional<std::string_view> bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer";
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ' ||
      !equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  const std::string_view token = trim(authorization.substr(scheme.size()));
  if (token.empty()) return std::nullopt;
  return token;
}

bool is_secret(std::string_view given, const Digest& hash) {
  return equal_constant_time(sha256(given), hash);
}

bool holds_hub_token(const Services& services, const Credentials& given) {
  const auto& hash = services.options.hub_token;
  if (!hash) return false;
  if (!given.hub_token.empty() && is_secret(given.hub_token, *hash)) return true;
  const auto token = bearer(given.authorization);
  return token && is_secret(*token, *hash);
}

Result<void> require_hub_token(const Asker& asker, const Credentials& given) {
  if (!asker.services.options.hub_token) return {};
  if (auto ok = may_guess(asker); !ok) return ok;
  if (holds_hub_token(asker.services, given)) return {};
  const bool some = !given.hub_token.empty() || bearer(given.authorization);
  Error error{ErrorCode::unauthorized,
              some ? "This is not the token of this hub." : "This hub asks for its token here.",
              std::string(kHubTokenHint)};
  return std::unexpected(some ? wrong_secret(asker, std::move(error)) : std::move(error));
}

Error no_such_channel() {
  return {ErrorCode::not_found, "There is no channel of that id.",
          "Check the id, or create a channel: POST /api/channels answers with its id and "
          "join_token."};
}

Result<hub::ChannelEntry*> any_channel(Call& call) {
  hub::ChannelEntry* const entry = call.shard.find(call.match.channel());
  if (entry != nullptr) return entry;
  return std::unexpected(no_such_channel());
}

Result<hub::ChannelEntry*> authorised_channel(Call& call) {
  auto entry = any_channel(call);
  if (!entry) return entry;
  const Shown shown{.credentials = credentials(call)};
  if (auto ok = may_use(asker(call), **entry, kRestDoor, shown); !ok) {
    return std::unexpected(ok.error());
  }
  return entry;
}

Result<core::SessionNo> required_session(Call& call, hub::ChannelEntry& entry) {
  if (call.headers.session_id.empty()) return std::unexpected(session_missing());
  return live_session(asker(call), entry, call.headers.session_id);
}

Result<core::SessionNo> optional_session(Call& call, hub::ChannelEntry& entry) {
  if (call.headers.session_id.empty()) return core::kNone;
  return live_session(asker(call), entry, call.headers.session_id);
}

Result<void> authorise_operations(Call& call) {
  if (call.at_this_machine()) return {};
  const auto& hash = call.services.options.admin_token;
  const auto token = bearer(call.headers.authorization);
  if (!hash || !token) {
    return fail(ErrorCode::unauthorized, "Only the operator may read this.",
                "Send the admin token (--admin-token-file) as 'Authorization: Bearer <token>'. "
                "Without it only a hub that serves no other machine answers, to direct callers.");
  }
  return require_admin_token(asker(call), *token, *hash);
}

hub::Limited limit_of_sends(const hub::ChannelEntry& entry) {
  return entry.record.options.band ? hub::Limited::send_band : hub::Limited::send;
}

Error limit_error(hub::Limited what, const hub::LimitState& state) {
  Error error{ErrorCode::rate_limited,
              fmt::format("Too many {} from your address: {} a minute are allowed.", kind_of(what),
                          state.limit)};
  error.retry_after_seconds = std::max<std::int64_t>(1, state.retry_after_seconds);
  error.hint = fmt::format("Wait {} s, then try again.", error.retry_after_seconds);
  return error;
}

Result<void> take_limit(const Asker& asker, hub::Limited what) {
  if (!asker.limited) return {};
  const auto state = take(asker, what);
  if (state.allowed) return {};
  return std::unexpected(limit_error(what, state));
}

hub::LimitState send_limit(const Asker& asker, hub::Limited what, Counting counting) {
  const std::uint32_t limit = asker.services.options.site.limits.of(what);
  if (asker.limited && limit > 0) {
    if (counting == Counting::take) return take(asker, what);
    return peek(asker, what);
  }
  hub::LimitState off;
  off.limit = off.remaining = limit;
  off.reset_at = asker.shard.now().wall + kMinute;
  return off;
}

Asker asker(const Call& call) {
  return {call.services, call.shard, call.request.client.limit_key(), call.limited()};
}

Result<void> may_guess(const Asker& asker) {
  if (!asker.limited) return {};
  const auto state = peek(asker, hub::Limited::wrong_secret);
  if (state.allowed) return {};
  return std::unexpected(limit_error(hub::Limited::wrong_secret, state));
}

Error wrong_secret(const Asker& asker, Error error) {
  asker.services.counters.refuse(asker.shard.number(), watch::RefusalReason::wrong_secret);
  if (!asker.limited) return error;
  const auto state = take(asker, hub::Limited::wrong_secret);
  return state.allowed ? std::move(error) : limit_error(hub::Limited::wrong_secret, state);
}

}  // namespace rogerthat::api
