// Making accounts and identities, whoever asks: by REST or as a tool. What a new account or
// identity is made of, and the fields of the answers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/access/auth.h"
#include "api/http/body.h"
#include "base/error.h"
#include "base/json.h"
#include "base/random.h"

namespace rogerthat::api {

std::string new_account_id(Random& random);

struct MadeAccount {
  std::string id;
  std::string recovery_token;  // shown this once, as is the next
  std::string session_token;
};
// `done` runs on the asker's shard, when the account is stored.
void make_account(const Asker& asker, std::move_only_function<void(Result<MadeAccount>)> done);
void write_made_account(JsonWriter& json, const MadeAccount& made);

struct IdentityFields {
  TextField callsign;
};
std::span<const Field<IdentityFields>> identity_fields();
// The callsign that is wished for, normalised; nullopt: any. Or the first complaint of `reader`.
Result<std::optional<std::string>> read_identity_wish(FieldReader& reader,
                                                      const IdentityFields& fields);

struct MadeIdentity {
  std::string callsign;
  std::string identity_key;  // shown this once
  bool not_as_wished = false;
};
void make_identity(const Asker& asker, std::string account, std::optional<std::string> callsign,
                   std::move_only_function<void(Result<MadeIdentity>)> done);
void write_made_identity(JsonWriter& json, const MadeIdentity& made);

}  // namespace rogerthat::api
