// Records of the directory as bytes and back. A compact versioned encoding of accounts
// and identities. There is no secret in them: only hashes.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "core/account.h"
#include "store/store.h"

namespace rogerthat::store {

// What a record that cannot be read is reported as, whatever its kind.
std::unexpected<Error> damaged_record(std::string_view what, std::string_view name);

RecordChange encode_change(const core::DirectoryChange& change);
Result<core::AccountRecord> decode_account(std::string_view id, std::string_view data);
Result<core::IdentityRecord> decode_identity(std::string_view callsign, std::string_view data);

}  // namespace rogerthat::store
