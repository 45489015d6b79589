// The floor: an HTTP server on a bare epoll loop that answers every request with the same small
// JSON. No server that parses, decides and stores can be faster on the same core.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <unordered_map>

#include <arpa/inet.h>
#include <errno.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::string_view kBody =
    R"({"ok":true,"id":1754000000000,"at":1754000000000,"queued":false,"to":"all","reached":0})";

std::string answer() {
  return fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
      "X-Content-Type-Options: nosniff\r\nContent-Length: {}\r\n\r\n{}",
      kBody.size(), kBody);
}

// The length of the first whole request in `bytes`, 0 while there is none.
std::size_t request_length(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "Content-Length: ";
  std::size_t body = 0;
  const std::size_t at = bytes.substr(0, head).find(kLength);
  if (at != std::string_view::npos) {
    std::from_chars(bytes.data() + at + kLength.size(), bytes.data() + head, body);
  }
  const std::size_t length = head + 4 + body;
  return length <= bytes.size() ? length : 0;
}

class EchoServer {
 public:
  explicit EchoServer(int port) : epoll_(epoll_create1(EPOLL_CLOEXEC)), answer_(answer()) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
        listen(listener_, 4096) != 0) {
      fmt::print(stderr, "bench_echo: cannot listen on port {}: {}\n", port, strerror(errno));
      exit(1);
    }
    watch(listener_);
  }

  void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < n; i++) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_all();
        } else {
          serve(fd);
        }
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd);
    }
  }

  void serve(int fd) {
    const ssize_t n = recv(fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      partial_.erase(fd);
      close(fd);
      return;
    }
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    std::string joined;
    if (const auto kept = partial_.find(fd); kept != partial_.end()) {
      joined = std::move(kept->second);
      joined += bytes;
      bytes = joined;
      partial_.erase(kept);
    }
    while (const std::size_t length = request_length(bytes)) {
      bytes.remove_prefix(length);
      // Answers are far smaller than a socket's buffer, and the generator reads each of them.
      if (send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) return;
    }
    if (!bytes.empty()) partial_[fd] = bytes;
  }

  int epoll_;
  int listener_ = -1;
  std::string answer_;
  std::array<char, 64 << 10> buffer_;
  std::unordered_map<int, std::string> partial_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bench_echo <port>\n");
    return 2;
  }
  EchoServer(atoi(argv[1])).run();
}
