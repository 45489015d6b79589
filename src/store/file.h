// Little things about files that the standard library lacks. A descriptor that closes
// itself, making a directory entry durable, and the sentence for an errno.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace rogerthat::store {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  bool open() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// "<what>: <reason of errno>".
std::unexpected<Error> fail_with_errno(std::string what);

Result<void> sync_directory(const std::string& dir);

// Whether the path leads to the file that is open there.
bool is_same_file(const std::string& path, const FileDescriptor& open);

// 0 where there is no such file.
std::uint64_t file_size(const std::string& path);

}  // namespace rogerthat::store
