#include "api/acts/enrolment.h"

#include <memory>

#include <fmt/format.h>

#include "api/http/secrets.h"
#include "api/http/told_fields.h"
#include "core/directory.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kAccountIdBytes = 12;

constexpr Field<IdentityFields> kIdentityReads[] = {
    {"callsign", read_member<&IdentityFields::callsign>},
};
static_assert(reads_as_told<IdentityFields>(kIdentityReads, kIdentityFields));

// Changes the directory; what was made is given on when it is stored.
template <class Made, class Decide>
void make(const Asker& asker, std::shared_ptr<Made> made, Decide decide,
          std::move_only_function<void(Result<Made>)> done) {
  asker.services.hub.accounts().change(
      asker.shard.number(), std::move(decide),
      [made = std::move(made), done = std::move(done)](Result<void> stored) mutable {
        if (stored) return done(std::move(*made));
        done(std::unexpected(std::move(stored.error())));
      });
}

}  // namespace

std::string new_account_id(Random& random) {
  return "acc_" + random.token(kAccountIdBytes);
}

void make_account(const Asker& asker, std::move_only_function<void(Result<MadeAccount>)> done) {
  Random& random = random_source();
  const Secret recovery = mint_secret(kRecoveryPrefix, random);
  const Secret session = mint_secret(kSessionPrefix, random);
  core::NewAccount account{new_account_id(random), recovery.hash, session.hash};
  auto made = std::make_shared<MadeAccount>(MadeAccount{account.id, recovery.text, session.text});
  make(
      asker, std::move(made),
      [account = std::move(account)](const core::Directory& directory, Millis wall) {
        return Result<core::DirectoryChanges>(directory.create_account(account, wall));
      },
      std::move(done));
}

void write_made_account(JsonWriter& json, const MadeAccount& made) {
  json.field("account_id", made.id);
  json.field("recovery_token", made.recovery_token).field("session_token", made.session_token);
  json.field("notice",
             "The recovery_token is shown this once: keep it where only you can read it. Without "
             "it, and without a verified email, a lost session_token cannot be replaced.");
}

std::span<const Field<IdentityFields>> identity_fields() {
  return kIdentityReads;
}

Result<std::optional<std::string>> read_identity_wish(FieldReader& reader,
                                                      const IdentityFields& in) {
  std::optional<std::string> callsign;
  if (in.callsign.present()) {
    std::string normalised = core::normalise_callsign(in.callsign.view());
    if (core::is_placeholder_callsign(normalised)) {
      reader.complain("callsign stands where a name of your own is to be put.",
                      "Take another, or leave callsign out.");
    } else if (!core::is_valid_callsign(normalised)) {
      reader.complain(fmt::format("callsign must match {}.", core::kCallsignPattern));
    } else if (core::is_reserved_callsign(normalised)) {
      reader.complain("This callsign is reserved.", "Take another, or leave callsign out.");
    }
    callsign = std::move(normalised);
  }
  if (reader.error()) return std::unexpected(*reader.error());
  return callsign;
}

void make_identity(const Asker& asker, std::string account, std::optional<std::string> callsign,
                   std::move_only_function<void(Result<MadeIdentity>)> done) {
  const Secret key = mint_secret(kIdentityPrefix, random_source());
  auto made = std::make_shared<MadeIdentity>(MadeIdentity{{}, key.text, false});
  make(
      asker, made,
      [made, hash = key.hash, policy = asker.services.options.handles, account = std::move(account),
       callsign = std::move(callsign)](const core::Directory& directory,
                                       Millis wall) -> Result<core::DirectoryChanges> {
        auto identity =
            directory.create_identity(account, callsign, hash, policy, random_source(), wall);
        if (!identity) return std::unexpected(identity.error());
        made->callsign = std::move(identity->callsign);
        made->not_as_wished = callsign && *callsign != made->callsign;
        return std::move(identity->changes);
      },
      std::move(done));
}

void write_made_identity(JsonWriter& json, const MadeIdentity& made) {
  json.field("callsign", made.callsign);
  json.field("identity_key", made.identity_key);
  json.field("notice", made.not_as_wished
                           ? "The identity_key is shown this once. This hub allots callsigns: "
                             "yours was not taken."
                           : "The identity_key is shown this once.");
}

}  // namespace rogerthat::api
