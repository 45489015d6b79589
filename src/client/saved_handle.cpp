#include "client/saved_handle.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/utf8.h"

namespace rogerthat::client {

namespace {
constexpr std::size_t kSessionMax = 128;
constexpr std::size_t kNameBytes = 16;
}  // namespace

std::unique_ptr<SavedHandle> SavedHandle::open(const std::string& directory,
                                               std::string_view origin, std::string_view channel,
                                               std::string_view callsign) {
  if (directory.empty()) return nullptr;
  mkdir(directory.c_str(), 0700);  // what exists is left as it is
  const std::string folder = directory + "/bridge";
  mkdir(folder.c_str(), 0700);
  const Digest digest = sha256(fmt::format("{} {} {}", origin, channel, callsign));
  const std::string_view name(reinterpret_cast<const char*>(digest.data()), kNameBytes);
  std::string path = fmt::format("{}/{}", folder, hex(name));

  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return nullptr;
  struct stat locked{};
  struct stat named{};
  const bool mine = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &locked) == 0 &&
                    stat(path.c_str(), &named) == 0 && locked.st_ino == named.st_ino;
  if (!mine) {
    close(fd);
    return nullptr;
  }
  std::unique_ptr<SavedHandle> handle(new SavedHandle(fd, std::move(path)));
  char bytes[kSessionMax];
  const ssize_t got = pread(fd, bytes, sizeof bytes, 0);
  if (got > 0) handle->session_ = trim({bytes, static_cast<std::size_t>(got)});
  return handle;
}

SavedHandle::~SavedHandle() {
  close(fd_);
}

void SavedHandle::save(const std::string& session) {
  if (session == session_ || session.size() >= kSessionMax) return;
  session_ = session;
  // Lost in a crash of the machine, it costs no more than a callsign for a while.
  const std::string line = session + "\n";
  if (ftruncate(fd_, 0) == 0) {
    [[maybe_unused]] const auto written = pwrite(fd_, line.data(), line.size(), 0);
  }
}

void SavedHandle::forget() {
  session_.clear();
  unlink(path_.c_str());
}

}  // namespace rogerthat::client
