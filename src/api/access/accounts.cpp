#include "api/access/accounts.h"

#include <utility>

#include "core/directory.h"

namespace rogerthat::api {

namespace {

void note_use(const Asker& asker, const Digest& session) {
  asker.services.hub.accounts().change(
      asker.shard.number(),
      [session](const core::Directory& directory, Millis wall) -> Result<core::DirectoryChanges> {
        core::DirectoryChanges changes;
        if (auto used = directory.session_used(session, wall)) changes.push_back(std::move(*used));
        return changes;
      },
      [](const Result<void>&) {});
}

}  // namespace

Error unknown_session() {
  return {ErrorCode::unauthorized, "This session_token is not known, or was not used for 30 days.",
          "POST /api/account/recover with the recovery_token gives a fresh one."};
}

Result<std::string> account_of_token(const Asker& asker, std::string_view token) {
  if (auto ok = may_guess(asker); !ok) return std::unexpected(ok.error());
  const Digest hash = sha256(token);
  const Millis wall = asker.shard.now().wall;
  struct Found {
    std::string account;
    bool stale = false;
  };
  const Found found = asker.services.hub.accounts().read([&](const core::Directory& directory) {
    const core::AccountRecord* record = directory.find_session(hash, wall);
    if (record == nullptr) return Found{};
    return Found{record->id, directory.session_used(hash, wall).has_value()};
  });
  if (found.account.empty()) return std::unexpected(wrong_secret(asker, unknown_session()));
  if (found.stale) note_use(asker, hash);
  return found.account;
}

Result<std::string> account_of(const Call& call) {
  const auto token = bearer(call.headers.authorization);
  if (token) return account_of_token(asker(call), *token);
  return fail(ErrorCode::unauthorized, "This asks for the session_token of an account.",
              "Send 'Authorization: Bearer <session_token>'.");
}

Result<std::string> authorise_creation(const Call& call) {
  const Asker who = asker(call);
  if (auto ok = require_hub_token(who, credentials(call)); !ok) return std::unexpected(ok.error());
  const auto token = bearer(call.headers.authorization);
  if (!token) return std::string();
  const auto& hub_token = call.services.options.hub_token;
  if (hub_token && is_secret(*token, *hub_token)) return std::string();
  auto account = account_of(call);
  if (!account && account.error().code == ErrorCode::unauthorized) {
    account.error().hint =
        "Leave the Authorization header out to create a channel without an account.";
  }
  return account;
}

}  // namespace rogerthat::api
