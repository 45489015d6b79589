#include "live_server.h"

#include <cerrno>
#include <chrono>
#include <future>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/utf8.h"

namespace rogerthat::net {

namespace {
constexpr auto kPatience = std::chrono::milliseconds(kPatienceMillis);
}

void Signal::raise(std::string what) {
  const std::lock_guard lock(mutex_);
  raised_.push_back(std::move(what));
  condition_.notify_all();
}

std::string Signal::await() {
  std::unique_lock lock(mutex_);
  if (!condition_.wait_for(lock, kPatience, [&] { return !raised_.empty(); })) {
    throw std::runtime_error("awaited in vain");
  }
  std::string what = std::move(raised_.front());
  raised_.erase(raised_.begin());
  return what;
}

bool Signal::raised() const {
  const std::lock_guard lock(mutex_);
  return !raised_.empty();
}

LiveServer::LiveServer(ServerOptions options, std::size_t loop_count) {
  options.port = 0;
  std::vector<Loop*> loops;
  for (std::size_t i = 0; i < loop_count; ++i) {
    loops_.push_back(std::make_unique<Loop>());
    loops.push_back(loops_.back().get());
  }
  server = std::make_unique<Server>(std::move(options), loops, handler);
}

void LiveServer::start() {
  if (const auto listening = server->listen(); !listening) {
    throw std::runtime_error(listening.error().message);
  }
  for (const auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
}

LiveServer::~LiveServer() {
  stop();
}

void LiveServer::stop() {
  for (const auto& loop : loops_) loop->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  server.reset();
}

void LiveServer::on_loop(std::function<void()> job, std::size_t loop) {
  std::promise<void> done;
  loops_[loop]->post([&] {
    job();
    done.set_value();
  });
  if (done.get_future().wait_for(kPatience) != std::future_status::ready) {
    throw std::runtime_error("the loop does not run");
  }
}

std::string Answer::header(std::string_view name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = std::string_view(head).substr(begin, at - begin);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
  }
  return {};
}

Client::Client(int port, const char* host, int receive_buffer) {
  const bool v6 = std::string_view(host).find(':') != std::string_view::npos;
  fd_ = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const int one = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in6 six{.sin6_family = AF_INET6,
                   .sin6_port = htons(static_cast<std::uint16_t>(port)),
                   .sin6_flowinfo = 0,
                   .sin6_addr = {},
                   .sin6_scope_id = 0};
  sockaddr_in four{.sin_family = AF_INET,
                   .sin_port = htons(static_cast<std::uint16_t>(port)),
                   .sin_addr = {},
                   .sin_zero = {}};
  int connected = -1;
  if (v6) {
    inet_pton(AF_INET6, host, &six.sin6_addr);
    connected = connect(fd_, reinterpret_cast<sockaddr*>(&six), sizeof six);
  } else {
    inet_pton(AF_INET, host, &four.sin_addr);
    connected = connect(fd_, reinterpret_cast<sockaddr*>(&four), sizeof four);
  }
  if (connected != 0) {
    ::close(fd_);
    throw std::runtime_error("cannot connect");
  }
}

Client::~Client() {
  close();
}

void Client::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      throw std::runtime_error("cannot send");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::get(std::string_view path) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
}

bool Client::fill() {
  pollfd poll_fd{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&poll_fd, 1, kPatienceMillis) <= 0) throw std::runtime_error("the server is silent");
  char bytes[65536];
  const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string Client::read_some() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

std::string Client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string Client::read_until(std::string_view mark) {
  std::size_t at = 0;
  while ((at = buffer_.find(mark)) == std::string::npos) {
    if (!fill()) throw std::runtime_error("closed; so far: " + buffer_);
  }
  std::string text = buffer_.substr(0, at + mark.size());
  buffer_.erase(0, at + mark.size());
  return text;
}

bool Client::at_end() {
  if (!buffer_.empty()) return false;
  return !fill();
}

Answer Client::answer(bool head_only) {
  Answer answer;
  answer.head = read_until("\r\n\r\n");
  answer.head.resize(answer.head.size() - 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  if (head_only) return answer;
  if (answer.header("Transfer-Encoding") == "chunked") {
    for (;;) {
      const std::size_t size = std::stoul(read_until("\r\n"), nullptr, 16);
      while (buffer_.size() < size + 2 && fill()) {
      }
      answer.body += buffer_.substr(0, size);
      buffer_.erase(0, size + 2);
      if (size == 0) return answer;
    }
  }
  const std::string length = answer.header("Content-Length");
  if (length.empty()) return answer;
  const std::size_t size = std::stoul(length);
  while (buffer_.size() < size) {
    if (!fill()) throw std::runtime_error("closed within a body");
  }
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

void Client::finish_sending() {
  ::shutdown(fd_, SHUT_WR);
}

void Client::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace rogerthat::net
