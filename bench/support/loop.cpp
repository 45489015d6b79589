#include "support/loop.h"

#include <algorithm>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rogerthat::bench {
namespace {

constexpr std::uint32_t kConnectionsPerSource = 8'000;
constexpr std::uint32_t kSources = 200;

sockaddr_in loopback(std::uint32_t last_byte, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7f000000u + last_byte);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

// Connecting blocks: on loopback that takes microseconds, and setting up is not what is measured.
int connect_from(std::uint32_t source, int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw Failure(fmt::format("no socket: {}", strerror(errno)));
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  // Ends with a reset, so that thousands of closed connections leave no TIME_WAIT behind.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  const sockaddr_in from = loopback(source, 0);
  const sockaddr_in to = loopback(1, port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    const int error = errno;
    ::close(fd);
    throw Failure(fmt::format("cannot connect to port {}: {}", port, strerror(error)));
  }
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

}  // namespace

void ConnectionHandler::on_bytes(Connection&, std::string_view) {}

void ConnectionHandler::on_closed(Connection& connection) {
  throw Failure(fmt::format("the server closed connection {}", connection.tag));
}

Loop::Loop(int port)
    : port_(port), epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(new char[kReadBytes]) {}

Loop::~Loop() {
  close_all();
  ::close(epoll_);
}

Connection& Loop::open(ConnectionHandler& handler, bool is_stream) {
  const std::uint32_t source = 2 + (opened_++ / kConnectionsPerSource) % kSources;
  const int fd = connect_from(source, port_);
  Connection& connection = connections_.emplace_back();
  connection.fd = fd;
  connection.is_stream = is_stream;
  connection.handler = &handler;
  if (notes_arrivals_) set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  watch(connection, true);
  return connection;
}

int Loop::listen(ConnectionHandler& handler) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw Failure(fmt::format("no socket: {}", strerror(errno)));
  sockaddr_in here = loopback(1, 0);
  socklen_t size = sizeof here;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&here), size) != 0 || ::listen(fd, 1024) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    const int error = errno;
    ::close(fd);
    throw Failure(fmt::format("cannot listen: {}", strerror(error)));
  }
  Connection& listener = connections_.emplace_back();
  listener.fd = fd;
  listener.listens = true;
  listener.handler = &handler;
  watch(listener, true);
  return ntohs(here.sin_port);
}

void Loop::accept(Connection& listener) {
  for (;;) {
    const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    Connection& connection = connections_.emplace_back();
    connection.fd = fd;
    connection.is_stream = connection.head_seen = true;
    connection.handler = listener.handler;
    watch(connection, true);
  }
}

void Loop::watch(Connection& connection, bool add) {
  epoll_event event{};
  event.events = EPOLLIN | (connection.wants_write ? EPOLLOUT : 0u);
  event.data.ptr = &connection;
  epoll_ctl(epoll_, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection.fd, &event);
}

void Loop::close(Connection& connection) {
  if (connection.fd >= 0) ::close(connection.fd);
  connection.fd = -1;
  connection.partial = std::string();
  connection.unsent = std::string();
}

void Loop::close_all() {
  for (Connection& connection : connections_) close(connection);
  connections_.clear();
}

void Loop::send(Connection& connection, std::string_view bytes) {
  if (connection.unsent.empty()) {
    const ssize_t n = ::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    // A failed write shows again as a failed read, and is handled there.
    if (n < 0 && errno != EAGAIN) return;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    if (bytes.empty()) return;
  }
  connection.unsent += bytes;
  if (connection.wants_write) return;
  connection.wants_write = true;
  watch(connection, false);
}

void Loop::flush(Connection& connection) {
  const ssize_t n =
      ::send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
  if (n > 0) connection.unsent.erase(0, static_cast<std::size_t>(n));
  if (!connection.unsent.empty()) return;
  connection.wants_write = false;
  watch(connection, false);
}

void Loop::poll(Nanos deadline) {
  std::array<epoll_event, 512> events;
  const Nanos wait = std::max<Nanos>(0, deadline - now_ns());
  const timespec timeout{.tv_sec = wait / kNanosPerSecond, .tv_nsec = wait % kNanosPerSecond};
  const int n =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < n; i++) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto& connection = *static_cast<Connection*>(event.data.ptr);
    if (connection.listens) {
      accept(connection);
      continue;
    }
    if (connection.fd >= 0 && (event.events & EPOLLOUT)) flush(connection);
    if (connection.fd >= 0 && (event.events & ~EPOLLOUT)) read(connection);
  }
}

// The kernel stamps with wall time. Of several packets read at once it tells the time of the last.
ssize_t Loop::receive(Connection& connection) {
  if (!notes_arrivals_) return recv(connection.fd, buffer_.get(), kReadBytes, 0);
  iovec piece{buffer_.get(), kReadBytes};
  alignas(cmsghdr) std::array<char, 128> control;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = recvmsg(connection.fd, &message, 0);
  const Nanos now = now_ns();
  connection.arrived = now;
  if (n <= 0) return n;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    connection.arrived = now - std::max<Nanos>(0, wall_ns() - to_nanos(stamp));
  }
  return n;
}

void Loop::read(Connection& connection) {
  const ssize_t n = receive(connection);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    close(connection);
    connection.handler->on_closed(connection);
    return;
  }
  const std::string_view bytes(buffer_.get(), static_cast<std::size_t>(n));
  if (connection.is_stream) return take_stream(connection, bytes);
  take(connection, bytes);
}

void Loop::take(Connection& connection, std::string_view bytes) {
  std::string joined;
  if (!connection.partial.empty()) {
    joined = std::move(connection.partial);
    joined += bytes;
    connection.partial.clear();
    bytes = joined;
  }
  while (!bytes.empty() && connection.fd >= 0) {
    Response response;
    const ParseState state = parse_response(bytes, response);
    if (state == ParseState::broken) throw Failure("the server's answer is not HTTP");
    if (state == ParseState::partial) {
      connection.partial = bytes;
      return;
    }
    bytes.remove_prefix(response.length);
    connection.handler->on_response(connection, response);
  }
}

void Loop::take_stream(Connection& connection, std::string_view bytes) {
  if (connection.head_seen) return connection.handler->on_bytes(connection, bytes);
  connection.partial += bytes;
  const std::size_t head_end = connection.partial.find("\r\n\r\n");
  if (head_end == std::string::npos) return;
  const std::string all = std::move(connection.partial);
  connection.partial.clear();
  connection.head_seen = true;
  Response response;
  // Only the head: the body has no end yet, whatever its framing.
  response.head = std::string_view(all).substr(0, head_end + 2);
  response.status = all.size() > 12 ? atoi(all.c_str() + 9) : 0;
  connection.handler->on_response(connection, response);
  const std::string_view rest = std::string_view(all).substr(head_end + 4);
  if (!rest.empty() && connection.fd >= 0) connection.handler->on_bytes(connection, rest);
}

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace rogerthat::bench
