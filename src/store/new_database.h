// A database where there is none yet. Making the file whole before it gets its name, so
// that a crash leaves either no database or a good one.
#pragma once

#include <string>

#include "base/error.h"

namespace rogerthat::store {

// Does nothing where there is a database. `key_mark` is kept in a new one (see sqlite_store.cpp).
Result<void> make_database(const std::string& path, const std::string& key_mark);

}  // namespace rogerthat::store
