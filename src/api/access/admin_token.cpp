#include "api/access/admin_token.h"

#include <string>

namespace rogerthat::api {

namespace {

constexpr char kMark = 'a';  // sets the count apart from that of the address's other secrets

std::string count_key(const Asker& asker) {
  const auto& bytes = asker.address.bytes;
  std::string key(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return key += kMark;
}

}  // namespace

Result<void> require_admin_token(const Asker& asker, std::string_view token, const Digest& hash) {
  using hub::Limited;
  hub::Limiter& limiter = asker.services.hub.limiter();
  const Now now = asker.shard.now();
  const std::string key = count_key(asker);
  if (asker.limited) {
    const auto state = limiter.peek(Limited::wrong_secret, key, now);
    if (!state.allowed) return std::unexpected(limit_error(Limited::wrong_secret, state));
  }
  if (is_secret(token, hash)) return {};
  asker.services.counters.refuse(asker.shard.number(), watch::RefusalReason::wrong_secret);
  if (asker.limited) {
    const auto state = limiter.take(Limited::wrong_secret, key, now);
    if (!state.allowed) return std::unexpected(limit_error(Limited::wrong_secret, state));
  }
  return fail(ErrorCode::unauthorized, "This is not the admin token.");
}

}  // namespace rogerthat::api
