// The database file of this process: held, so that no second process writes to it, wherever it is
// moved and whatever becomes of the lock of its directory. Connections to it are made here, and
// only as long as the path leads to that very file.
#pragma once

#include <string>

#include "base/error.h"
#include "store/database.h"
#include "store/file.h"

namespace rogerthat::store {

// Outlives the connections: closing a descriptor of a file drops the locks that SQLite has on it.
class HeldDatabase {
 public:
  explicit HeldDatabase(std::string path) : path_(std::move(path)) {}
  HeldDatabase(const HeldDatabase&) = delete;
  HeldDatabase& operator=(const HeldDatabase&) = delete;

  // Takes hold of an existing database, and makes it its owner's alone where it was not. Fails
  // where another process holds it.
  Result<void> take();

  // Fails where the file has been moved, deleted or replaced: what is written there now, nobody
  // would find again, and what lies at the path is not what this process has in memory.
  Result<void> check() const;
  Result<Database> connect() const;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  FileDescriptor file_;
};

}  // namespace rogerthat::store
