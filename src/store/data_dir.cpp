#include "store/data_dir.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rogerthat::store {

namespace {

Result<void> make_directories(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return fail_with_errno("the data directory " + part + " cannot be made");
    }
  }
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_with_errno("the data directory " + path);
  if (!S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::invalid, "the data directory " + path + " is a file",
                "give the path of a directory, or of one to be made");
  }
  return {};
}

std::string holder(int fd) {
  char text[24] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  const std::string_view read(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string_view pid = read.substr(0, read.find_first_not_of("0123456789"));
  return pid.empty() ? "another process" : "process " + std::string(pid);
}

}  // namespace

Result<DataDir> DataDir::open(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::invalid, "the path of the data directory is empty");
  if (auto made = make_directories(path); !made) return std::unexpected(made.error());

  const std::string lock_path = path + "/lock";
  FileDescriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.open()) return fail_with_errno("the lock file " + lock_path + " cannot be opened");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail_with_errno("the lock file " + lock_path);
    return fail(ErrorCode::conflict,
                fmt::format("the data directory {} is held by {}", path, holder(lock.get())),
                "stop that process, or give this one a data directory of its own");
  }

  const std::string pid = std::to_string(::getpid()) + "\n";
  // For the reader of an error only: a full disk must not keep the hub from starting here.
  const bool noted =
      ::ftruncate(lock.get(), 0) == 0 && ::pwrite(lock.get(), pid.data(), pid.size(), 0) >= 0;
  static_cast<void>(noted);
  return DataDir(path, std::move(lock));
}

}  // namespace rogerthat::store
