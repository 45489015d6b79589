// The data directory of a process. Lives here: making it and holding it, so that no second process
// writes to it. What is in it belongs to others.
#pragma once

#include <string>

#include "base/error.h"
#include "store/file.h"

namespace rogerthat::store {

// Held until destroyed, or until the process ends in whatever way.
class DataDir {
 public:
  // Makes the directory (for the owner only) where it is missing. Fails where another process
  // holds it, and says which.
  static Result<DataDir> open(const std::string& path);

  const std::string& path() const { return path_; }

 private:
  DataDir(std::string path, FileDescriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileDescriptor lock_;
};

}  // namespace rogerthat::store
