#include "store/file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rogerthat::store {

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::unexpected<Error> fail_with_errno(std::string what) {
  return fail(ErrorCode::unavailable,
              std::move(what) + ": " + std::generic_category().message(errno));
}

Result<void> sync_directory(const std::string& dir) {
  const FileDescriptor fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) {
    return fail_with_errno("the directory " + dir + " cannot be written to disk");
  }
  return {};
}

bool is_same_file(const std::string& path, const FileDescriptor& open) {
  struct stat at_path{};
  struct stat held{};
  return ::stat(path.c_str(), &at_path) == 0 && ::fstat(open.get(), &held) == 0 &&
         at_path.st_dev == held.st_dev && at_path.st_ino == held.st_ino;
}

std::uint64_t file_size(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace rogerthat::store
