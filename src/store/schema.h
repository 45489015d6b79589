// The tables of the store and their versions. The SQL that makes them, one step per
// version. Who reads and writes them is elsewhere.
#pragma once

#include "base/error.h"
#include "store/database.h"

namespace rogerthat::store {

// A new database gets its tables, an older one the steps it lacks; a newer one is refused.
Result<void> migrate(Database& database);

}  // namespace rogerthat::store
