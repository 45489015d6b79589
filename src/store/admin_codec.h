// Records of administration as bytes and back: bans, and what the operator has done.
#pragma once

#include <string_view>

#include "base/error.h"
#include "core/audit.h"
#include "core/bans.h"
#include "store/store.h"

namespace rogerthat::store {

RecordChange encode_ban(const core::Ban& ban);
RecordChange remove_ban(const core::Target& target);
Result<core::Ban> decode_ban(std::string_view key, std::string_view data);

// The keys sort as the numbers do.
RecordChange encode_audit(const core::AuditEntry& entry);
RecordChange remove_audit(std::uint64_t no);
Result<core::AuditEntry> decode_audit(std::string_view key, std::string_view data);

}  // namespace rogerthat::store
