// The data directory of a process: making it, holding it, so that no second process writes to it,
// and taking it back where a start has failed. What is in it belongs to others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/file.h"

namespace rogerthat::store {

// Held until destroyed, or until the process ends in whatever way. Two locks hold it: one on the
// directory itself, which nobody can take away, and one on a file in it that names the holder.
class DataDir {
 public:
  // Makes the directory (for the owner only) where it is missing. Fails where another process
  // holds it, and says which.
  static Result<DataDir> open(const std::string& path);
  // Directories that open() has made go again, with what this start has put into them, unless
  // keep() was called: a failed start leaves nothing behind.
  ~DataDir();
  DataDir(DataDir&& other) noexcept = default;
  DataDir& operator=(DataDir&&) = delete;

  void keep() { made_.clear(); }

  // Looked at while the process runs: what has become of the place and its lock file since.
  enum class Place : std::uint8_t {
    as_it_was,
    locked_again,  // somebody had removed the lock file: there is a new one
    elsewhere,     // the directory was moved or removed
    taken,         // another process holds the lock file that lies there now
  };
  Place look();
  const std::string& path() const { return path_; }

 private:
  explicit DataDir(std::string path) : path_(std::move(path)) {}

  Result<void> make();
  Result<void> lock();
  Result<void> lock_file();
  std::string lock_path() const { return path_ + "/lock"; }

  std::string path_;
  std::vector<std::string> made_;  // outermost first
  FileDescriptor directory_;
  FileDescriptor lock_;
};

}  // namespace rogerthat::store
