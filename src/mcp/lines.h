// Lines over pipes, without ever blocking a loop. A reader that cuts bytes into bounded
// lines, and a writer that keeps what the other side does not take yet. What a line means is not
// known here. Whoever uses these ignores SIGPIPE.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/loop.h"

namespace rogerthat::mcp {

// The flags of a descriptor that other processes may share: non-blocking here, and given back.
class NonBlocking {
 public:
  explicit NonBlocking(int fd);
  ~NonBlocking();
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  int fd_;
  int flags_;
};

class LineReader final : public net::Watched {
 public:
  struct Events {
    std::function<void(std::string_view line)> line;  // without its line break; never empty
    std::function<void()> too_long;                   // a line was skipped
    std::function<void()> ended;                      // once; nothing comes after it
  };

  LineReader(net::Loop& loop, int fd, std::size_t line_bytes_max, Events events);
  ~LineReader() override;

  void start();
  // While paused nothing is read, and the other side comes to feel it.
  void pause(bool paused);
  void stop();

  void on_ready(std::uint32_t epoll_events) override;

 private:
  void read();
  void take();
  void end();
  void read_later();

  net::Loop& loop_;
  int fd_;
  std::size_t line_bytes_max_;
  Events events_;
  NonBlocking non_blocking_;
  std::string unread_;  // has come, and is not cut into lines yet
  std::string line_;    // the beginning of one
  bool skipping_ = false;
  bool watched_ = false;
  bool paused_ = false;
  bool stopped_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // what is posted looks whether we are
};

class LineWriter final : public net::Watched {
 public:
  using Written = std::move_only_function<void(bool)>;

  // `changed`: bytes have gone, or the other side has.
  LineWriter(net::Loop& loop, int fd, std::function<void()> changed);
  ~LineWriter() override;

  // Lines go out whole and in order. `written` hears, later, whether the pipe has taken the line.
  void write(std::string_view line, Written written = nullptr);
  std::size_t waiting() const { return bytes_.size() - sent_; }
  bool broken() const { return broken_; }  // nobody reads any more

  void on_ready(std::uint32_t epoll_events) override;

 private:
  struct Mark {
    std::uint64_t end;  // counted over all lines
    Written written;
  };
  void flush();
  void tell();

  net::Loop& loop_;
  int fd_;
  std::function<void()> changed_;
  NonBlocking non_blocking_;
  std::string bytes_;
  std::size_t sent_ = 0;          // of bytes_
  std::uint64_t total_sent_ = 0;  // ever
  std::deque<Mark> marks_;
  bool watched_ = false;
  bool broken_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace rogerthat::mcp
