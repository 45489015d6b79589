#include "support/probe.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/loop.h"

namespace rogerthat::bench {

std::optional<int> probe(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval second{.tv_sec = 1, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  std::optional<int> status;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", path, port);
    char answer[64] = {};
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0 &&
        recv(fd, answer, sizeof answer - 1, 0) >= 12) {
      status = atoi(answer + 9);
    }
  }
  close(fd);
  return status;
}

Wait wait_for_ok(int port, const std::string& path, Nanos patience,
                 const std::function<bool()>& alive) {
  const Nanos begin = now_ns();
  Wait wait;
  for (;;) {
    const std::optional<int> status = probe(port, path);
    wait.took = now_ns() - begin;
    if (status == 200) return wait;
    if (status) wait.reachable_before = true;
    if (!alive()) throw Failure("the server ended");
    if (wait.took > patience) throw Failure(fmt::format("{} does not answer 200", path));
    usleep(200);
  }
}

}  // namespace rogerthat::bench
