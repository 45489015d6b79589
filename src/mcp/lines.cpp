#include "mcp/lines.h"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace rogerthat::mcp {

namespace {
constexpr std::size_t kReadSize = 64 << 10;
constexpr int kReadsPerRound = 8;
constexpr std::size_t kSentKeptMax = 1 << 20;  // bytes that are gone and not yet given back
}  // namespace

NonBlocking::NonBlocking(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
  if (flags_ >= 0) fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
}

NonBlocking::~NonBlocking() {
  if (flags_ >= 0) fcntl(fd_, F_SETFL, flags_);
}

// --- Reading.

LineReader::LineReader(net::Loop& loop, int fd, std::size_t line_bytes_max, Events events)
    : loop_(loop),
      fd_(fd),
      line_bytes_max_(line_bytes_max),
      events_(std::move(events)),
      non_blocking_(fd) {}

LineReader::~LineReader() {
  stop();
}

void LineReader::start() {
  watched_ = loop_.watch(fd_, EPOLLIN, this);  // not a plain file: that one can always be read
  read_later();
}

void LineReader::stop() {
  stopped_ = true;
  if (std::exchange(watched_, false)) loop_.unwatch(fd_, this);
}

void LineReader::pause(bool paused) {
  if (std::exchange(paused_, paused) && !paused) read_later();
}

void LineReader::read_later() {
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) read();
  });
}

void LineReader::on_ready(std::uint32_t) {
  read();
}

void LineReader::read() {
  thread_local std::array<char, kReadSize> buffer;
  const std::weak_ptr<char> alive = alive_;  // a line may be the end of us
  take();
  for (int reads = 0; !alive.expired() && reads < kReadsPerRound; ++reads) {
    if (paused_ || stopped_) return;
    const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) return end();
    unread_.assign(buffer.data(), static_cast<std::size_t>(got));
    take();
  }
  if (!alive.expired()) read_later();
}

void LineReader::end() {
  const std::weak_ptr<char> alive = alive_;
  stop();
  // What a client wrote last may lack its line break.
  if (!line_.empty() && !skipping_) events_.line(std::exchange(line_, {}));
  if (!alive.expired()) events_.ended();
}

// Lines out of what has been read, until there is no more or somebody pauses.
void LineReader::take() {
  const std::weak_ptr<char> alive = alive_;
  std::string bytes = std::exchange(unread_, {});
  std::size_t at = 0;
  while (at < bytes.size() && !paused_ && !stopped_) {
    const auto end = bytes.find('\n', at);
    const std::string_view piece = std::string_view(bytes).substr(at, end - at);
    at = end == std::string::npos ? bytes.size() : end + 1;
    if (!skipping_ && line_.size() + piece.size() > line_bytes_max_) {
      skipping_ = true;
      line_ = {};
      events_.too_long();
      if (alive.expired()) return;
    }
    if (!skipping_) line_.append(piece);
    if (end == std::string::npos) break;
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\r')) line.pop_back();
    if (std::exchange(skipping_, false) || line.empty()) continue;
    events_.line(line);
    if (alive.expired()) return;
  }
  if (at < bytes.size()) unread_ = bytes.substr(at);
}

// --- Writing.

LineWriter::LineWriter(net::Loop& loop, int fd, std::function<void()> changed)
    : loop_(loop), fd_(fd), changed_(std::move(changed)), non_blocking_(fd) {
  watched_ = loop_.watch(fd_, EPOLLOUT, this);
}

LineWriter::~LineWriter() {
  if (watched_) loop_.unwatch(fd_, this);
}

void LineWriter::write(std::string_view line, Written written) {
  const bool was_empty = waiting() == 0;
  bytes_.append(line);
  bytes_ += '\n';
  if (written) marks_.push_back({total_sent_ + waiting(), std::move(written)});
  // All lines of a round go out together, and nobody hears of it from within this call.
  if (!was_empty && !broken_) return;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) flush();
  });
}

void LineWriter::on_ready(std::uint32_t) {
  flush();
}

void LineWriter::flush() {
  bool changed = false;
  while (waiting() > 0 && !broken_) {
    const ssize_t sent = ::write(fd_, bytes_.data() + sent_, waiting());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    changed = true;
    if (sent < 0) {
      broken_ = true;
      break;
    }
    sent_ += static_cast<std::size_t>(sent);
    total_sent_ += static_cast<std::uint64_t>(sent);
  }
  if (broken_ || waiting() == 0) {
    bytes_.clear();
    sent_ = 0;
  } else if (sent_ > kSentKeptMax) {
    bytes_.erase(0, std::exchange(sent_, 0));
  }
  if (bytes_.empty() && bytes_.capacity() > kSentKeptMax) bytes_ = {};
  const std::weak_ptr<char> alive = alive_;
  tell();
  if (changed && !alive.expired()) changed_();
}

void LineWriter::tell() {
  const std::weak_ptr<char> alive = alive_;
  while (!alive.expired() && !marks_.empty()) {
    if (!broken_ && marks_.front().end > total_sent_) return;
    Mark mark = std::move(marks_.front());
    marks_.pop_front();
    mark.written(mark.end <= total_sent_);
  }
}

}  // namespace rogerthat::mcp
