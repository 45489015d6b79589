#include "store/held_database.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/log.h"

namespace rogerthat::store {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

// It holds tokens' hashes, addresses and messages. What comes from a backup often has a wide mode.
Result<void> close_to_others(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & kOthers) == 0) return {};
  if (::chmod(path.c_str(), kOwnerOnly) != 0) {
    auto failure =
        fail(ErrorCode::forbidden,
             fmt::format("{} is open to other users (mode {:04o})", path, status.st_mode & 07777),
             fmt::format("run: chmod 600 {}", path));
    return failure;
  }
  log(LogLevel::warning, "closed to other users",
      {{"file", path}, {"mode_before", fmt::format("{:04o}", status.st_mode & 07777)}});
  return {};
}

}  // namespace

// flock(), not the byte ranges that SQLite locks itself: the two know nothing of each other, and
// this one goes with the descriptor only.
Result<void> HeldDatabase::take() {
  FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return fail_with_errno("the database " + path_ + " cannot be opened");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return fail(ErrorCode::conflict,
                fmt::format("the database {} is held by another process", path_),
                "stop that process (lsof names it), or start with a data directory of its own");
  }
  file_ = std::move(file);
  for (const char* suffix : {"", "-wal"}) {
    if (auto closed = close_to_others(path_ + suffix); !closed) return closed;
  }
  return {};
}

Result<void> HeldDatabase::check() const {
  if (is_same_file(path_, file_)) return {};
  return fail(ErrorCode::unavailable, "the database file was moved, deleted or replaced",
              "put it back as it was, or restart the hub");
}

Result<Database> HeldDatabase::connect() const {
  if (auto there = check(); !there) return std::unexpected(there.error());
  return Database::open(path_, Database::Mode::existing);
}

}  // namespace rogerthat::store
