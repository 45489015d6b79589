#include "store/key_file.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"

namespace rogerthat::store {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

Result<Digest> read_key(const std::string& path, const FileDescriptor& fd) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_with_errno("the key file " + path);
  if ((status.st_mode & kOthers) != 0) {
    return fail(ErrorCode::forbidden,
                fmt::format("the key file {} is open to other users (mode {:04o})", path,
                            status.st_mode & 07777),
                fmt::format("run: chmod 600 {}", path));
  }
  Digest key;
  const bool whole = status.st_size == static_cast<off_t>(key.size()) &&
                     ::read(fd.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size());
  if (!whole) {
    return fail(
        ErrorCode::invalid,
        fmt::format("the key file {} has {} bytes instead of {}", path, status.st_size, key.size()),
        "put the key file back from a backup of this data directory");
  }
  return key;
}

// The name appears only when the content is on disk, so a crash leaves no half of a key.
Result<Digest> create_key(const std::string& dir, const std::string& path, Random& random) {
  Digest key;
  random.fill(key);
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  const FileDescriptor fd(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  const bool written =
      fd.open() && ::fchmod(fd.get(), kOwnerOnly) == 0 &&
      ::write(fd.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
      ::fsync(fd.get()) == 0 && std::rename(draft.c_str(), path.c_str()) == 0;
  if (!written) {
    auto failure = fail_with_errno("the key file " + path + " cannot be written");
    ::unlink(draft.c_str());
    return failure;
  }
  if (auto synced = sync_directory(dir); !synced) return std::unexpected(synced.error());
  return key;
}

}  // namespace

Result<Digest> load_or_create_key(const std::string& dir, Random& random) {
  const std::string path = dir + "/" + kKeyFileName;
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.open()) return read_key(path, fd);
  if (errno != ENOENT) return fail_with_errno("the key file " + path + " cannot be read");
  return create_key(dir, path, random);
}

}  // namespace rogerthat::store
