// The few socket calls that the server makes, as values. Listening, reading, writing
// and what the kernel knows about delivery. No policy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/error.h"
#include "net/address.h"

namespace rogerthat::net {

enum class IoStatus : std::uint8_t {
  done,
  again,     // nothing now; an event will come
  finished,  // reading: the peer has ended its side
  failed,
};

struct IoResult {
  IoStatus status = IoStatus::done;
  std::size_t bytes = 0;
  bool drained = false;  // reading: there was no more than this
};

IoResult read_socket(int fd, char* data, std::size_t size);
IoResult write_socket(int fd, const iovec* pieces, int count);

// What the socket of a peer that does not read holds by itself, about: as much as may wait unsent,
// and the segment that was being filled.
inline constexpr std::size_t kSocketHolds = 80 << 10;

// Bytes written that the peer's TCP has not acknowledged. Still known after a reset; a FIN of ours
// counts as one.
std::size_t unacknowledged_bytes(int fd);

// The next close() sends a reset and drops what is unsent: for peers that read nothing.
void reset_on_close(int fd);

struct ListenAddress {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string to_string() const;  // "127.0.0.1:7424", "[::1]:7424"
};

Result<std::vector<ListenAddress>> resolve_listen_address(const std::string& host, int port);

// Opens `count` listening sockets on one address; the error is an errno. The first is bound without
// SO_REUSEPORT, so that a second server on this port is noticed and not silently shared with.
std::expected<std::vector<int>, int> open_listeners(ListenAddress address, std::size_t count);
Error listen_error(const ListenAddress& address, int error);
void set_port(ListenAddress& address, int port);

int bound_port(int fd);
IpAddress to_ip(const sockaddr_storage& address);

}  // namespace rogerthat::net
