// Reading everything back at start. The order in which it is told, and what becomes of
// rows that make no sense.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "store/codec.h"
#include "store/database.h"
#include "store/store.h"

namespace rogerthat::store {

struct RecoveryReport {
  std::uint64_t channels = 0;
  std::uint64_t journal_rows = 0;
  std::uint64_t damaged_rows = 0;  // skipped and left where they are: a later version may read them
  std::uint64_t orphan_rows = 0;   // of channels that are gone; the housekeeper finds them again
};

Result<RecoveryReport> recover(Database& database, const EventCodec& codec, Recovery& recovery);

}  // namespace rogerthat::store
