#include "store/data_dir.h"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rogerthat::store {

namespace {

// For a person: what this process may not do there, and what to do about it.
std::unexpected<Error> unusable(std::string sentence) {
  const bool not_allowed = errno == EACCES || errno == EPERM || errno == EROFS;
  auto failure = fail_with_errno(std::move(sentence));
  if (not_allowed) {
    failure.error().hint = fmt::format(
        "name a directory that user {} may write to with --data-dir, or give it to "
        "that user",
        ::geteuid());
  }
  return failure;
}

std::string holder(int fd) {
  char text[24] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  const std::string_view read(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string_view pid = read.substr(0, read.find_first_not_of("0123456789"));
  return pid.empty() ? "another process" : "process " + std::string(pid);
}

Error held_by_another(const std::string& path, const FileDescriptor& lock) {
  return {ErrorCode::conflict,
          fmt::format("the data directory {} is held by {}", path, holder(lock.get())),
          "stop that process, or give this one a data directory of its own"};
}

// What is in a directory that this process has made, and holds: files of its own.
void remove_with_files(const std::string& path) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
    ::unlink(entry.path().c_str());
  }
  ::rmdir(path.c_str());
}

}  // namespace

Result<void> DataDir::make() {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path_.find('/', end + 1);
    std::string part = path_.substr(0, end);
    if (::mkdir(part.c_str(), 0700) == 0) {
      made_.push_back(std::move(part));
    } else if (errno != EEXIST) {
      return unusable("the data directory " + part + " cannot be made");
    }
  }
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) return unusable("the data directory " + path_);
  if (!S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::invalid, "the data directory " + path_ + " is a file",
                "give the path of a directory, or of one to be made");
  }
  return {};
}

Result<void> DataDir::lock() {
  FileDescriptor directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open()) return unusable("the data directory " + path_ + " cannot be read");
  // Not every file system locks directories; the lock file is held beside it, and so is the
  // database.
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    const FileDescriptor lock(::open(lock_path().c_str(), O_RDONLY | O_CLOEXEC));
    made_.clear();  // somebody has come in since
    return std::unexpected(held_by_another(path_, lock));
  }
  directory_ = std::move(directory);
  return lock_file();
}

Result<void> DataDir::lock_file() {
  FileDescriptor lock(::open(lock_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.open()) return unusable("the data directory " + path_ + " cannot be written to");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail_with_errno("the lock file " + lock_path());
    made_.clear();
    return std::unexpected(held_by_another(path_, lock));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // For the reader of an error only: a full disk must not keep the hub from starting here.
  const bool noted =
      ::ftruncate(lock.get(), 0) == 0 && ::pwrite(lock.get(), pid.data(), pid.size(), 0) >= 0;
  static_cast<void>(noted);
  lock_ = std::move(lock);
  return {};
}

DataDir::Place DataDir::look() {
  if (!is_same_file(path_, directory_)) return Place::elsewhere;
  if (is_same_file(lock_path(), lock_)) return Place::as_it_was;
  const auto locked = lock_file();
  if (locked) return Place::locked_again;
  // A disk that refuses leaves the locks that hold: that on the directory, and that on the
  // database.
  return locked.error().code == ErrorCode::conflict ? Place::taken : Place::as_it_was;
}

Result<DataDir> DataDir::open(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::invalid, "the path of the data directory is empty");
  const std::size_t end = path.find_last_not_of('/');
  DataDir dir(end == std::string::npos ? "/" : path.substr(0, end + 1));
  if (auto made = dir.make(); !made) return std::unexpected(std::move(made.error()));
  if (auto locked = dir.lock(); !locked) return std::unexpected(std::move(locked.error()));
  return dir;
}

DataDir::~DataDir() {
  if (!made_.empty() && made_.back() == path_) {
    remove_with_files(path_);
    made_.pop_back();
  }
  for (auto part = made_.rbegin(); part != made_.rend(); ++part) ::rmdir(part->c_str());
}

}  // namespace rogerthat::store
