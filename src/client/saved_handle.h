// The handle of a channel session, kept where a process that was killed finds it again: else its
// callsign would stay taken until the session has idled away. One file per hub, channel and
// callsign, locked as long as its holder lives, so that two processes never share a session.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace rogerthat::client {

class SavedHandle {
 public:
  // Null: another process has it, or it cannot be kept here.
  static std::unique_ptr<SavedHandle> open(const std::string& directory, std::string_view origin,
                                           std::string_view channel, std::string_view callsign);
  ~SavedHandle();
  SavedHandle(const SavedHandle&) = delete;
  SavedHandle& operator=(const SavedHandle&) = delete;

  const std::string& session() const { return session_; }  // empty: none was left
  void save(const std::string& session);
  void forget();  // the session has been left

 private:
  SavedHandle(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_;
  std::string path_;
  std::string session_;
};

}  // namespace rogerthat::client
