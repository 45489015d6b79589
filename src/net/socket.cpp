#include "net/socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rogerthat::net {

namespace {

constexpr int kBacklog = 4096;
constexpr int kUserTimeoutMillis = 30'000;
constexpr int kKeepaliveIdleSeconds = 60;
constexpr int kKeepaliveIntervalSeconds = 15;
constexpr int kKeepaliveCount = 4;

// What a socket may hold for a peer that does not read. Left alone, the kernel lets it grow to
// megabytes (net.ipv4.tcp_wmem), and nobody above sees them. It doubles the size that is asked for.
constexpr int kSendBuffer = 128 << 10;
// ... of which so much may wait to be sent: the rest is on its way, so fast peers have all of it.
constexpr int kUnsentMax = 16 << 10;

void set_option(int fd, int level, int name, int value) {
  // None of these can fail on a fresh TCP socket, and none is worth refusing to serve for.
  setsockopt(fd, level, name, &value, sizeof value);
}

// Accepted sockets inherit all of these from their listener: no system calls per connection.
void set_inherited_options(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMillis);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleSeconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalSeconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveCount);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentMax);
}

std::string system_text(int error) {
  return std::generic_category().message(error);
}

std::expected<int, int> open_listener(const ListenAddress& address, bool shared) {
  const int fd =
      socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return std::unexpected(errno);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.address.ss_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (shared) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  set_inherited_options(fd);

  const auto* raw = reinterpret_cast<const sockaddr*>(&address.address);
  if (bind(fd, raw, address.size) != 0) {
    const int error = errno;
    close(fd);
    return std::unexpected(error);
  }
  if (!shared) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);  // from here on it may be shared
  if (listen(fd, kBacklog) != 0) {
    const int error = errno;
    close(fd);
    return std::unexpected(error);
  }
  return fd;
}

int port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

IoResult read_socket(int fd, char* data, std::size_t size) {
  for (;;) {
    const ssize_t got = recv(fd, data, size, 0);
    if (got > 0) {
      const auto bytes = static_cast<std::size_t>(got);
      return {IoStatus::done, bytes, bytes < size};
    }
    if (got == 0) return {IoStatus::finished, 0, true};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoStatus::again, 0, true};
    return {IoStatus::failed, 0, true};
  }
}

IoResult write_socket(int fd, const iovec* pieces, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<std::size_t>(count);
  for (;;) {
    // One piece is what nearly every answer is, and send() is the cheaper call.
    const ssize_t sent = count == 1 ? send(fd, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL)
                                    : sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent >= 0) return {IoStatus::done, static_cast<std::size_t>(sent), false};
    if (errno == EINTR) continue;
    // ENOBUFS: the kernel is short of memory, which passes.
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return {IoStatus::again, 0};
    return {IoStatus::failed, 0};
  }
}

std::size_t unacknowledged_bytes(int fd) {
  int bytes = 0;
  if (ioctl(fd, SIOCOUTQ, &bytes) != 0) return SIZE_MAX;
  return static_cast<std::size_t>(bytes);
}

void reset_on_close(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::string ListenAddress::to_string() const {
  const IpAddress ip = to_ip(address);
  const std::string host = ip.is_v4() ? ip.to_string() : "[" + ip.to_string() + "]";
  return fmt::format("{}:{}", host, port_of(address));
}

Result<std::vector<ListenAddress>> resolve_listen_address(const std::string& host, int port) {
  if (port < 0 || port > 65535) {
    return fail(ErrorCode::invalid, fmt::format("the port must be 0 to 65535, not {}", port));
  }
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::string bare = host;
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') {
    bare = bare.substr(1, bare.size() - 2);
  }
  const int error = getaddrinfo(bare.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return fail(ErrorCode::invalid,
                fmt::format("the host '{}' cannot be resolved: {}", host, gai_strerror(error)),
                "--host takes an address of this machine or a name for one");
  }
  std::vector<ListenAddress> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    ListenAddress address;
    std::memcpy(&address.address, info->ai_addr, info->ai_addrlen);
    address.size = info->ai_addrlen;
    const bool known = std::any_of(addresses.begin(), addresses.end(), [&](const auto& a) {
      return to_ip(a.address) == to_ip(address.address);
    });
    if (!known) addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

Error listen_error(const ListenAddress& address, int error) {
  const std::string where = address.to_string();
  switch (error) {
    case EADDRINUSE:
      return {ErrorCode::unavailable,
              fmt::format("cannot listen on {}: the port is in use by another program", where),
              "stop that program, or choose another port with --port", 0};
    case EACCES:
      return {ErrorCode::unavailable,
              fmt::format("cannot listen on {}: this port needs more rights", where),
              "choose a port above 1023 with --port, or grant CAP_NET_BIND_SERVICE", 0};
    case EADDRNOTAVAIL:
      return {ErrorCode::unavailable,
              fmt::format("cannot listen on {}: this machine has no such address", where),
              "choose one of its addresses with --host, or 0.0.0.0 for all of them", 0};
    default:
      return {ErrorCode::unavailable,
              fmt::format("cannot listen on {}: {}", where, system_text(error)), "", 0};
  }
}

void set_port(ListenAddress& address, int port) {
  const auto number = htons(static_cast<std::uint16_t>(port));
  if (address.address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&address.address)->sin6_port = number;
  } else {
    reinterpret_cast<sockaddr_in*>(&address.address)->sin_port = number;
  }
}

std::expected<std::vector<int>, int> open_listeners(ListenAddress address, std::size_t count) {
  std::vector<int> fds;
  while (fds.size() < count) {
    const auto fd = open_listener(address, !fds.empty());
    if (!fd) {
      for (const int opened : fds) close(opened);
      return std::unexpected(fd.error());
    }
    fds.push_back(*fd);
    set_port(address, bound_port(*fd));  // where it was 0, all take the one that was chosen
  }
  return fds;
}

int bound_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return port_of(address);
}

IpAddress to_ip(const sockaddr_storage& address) {
  IpAddress ip;
  if (address.ss_family == AF_INET6) {
    std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, 16);
  } else {
    ip.bytes[10] = ip.bytes[11] = 0xff;
    std::memcpy(ip.bytes.data() + 12, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, 4);
  }
  return ip;
}

}  // namespace rogerthat::net
