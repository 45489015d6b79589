// A server that says exactly the bytes a test wants: a listening socket and a thread that plays one
// script for each connection.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rogerthat::net {

class RawPeer {
 public:
  class Talk {
   public:
    explicit Talk(int fd) : fd_(fd) {}
    std::string read_request() { return read_until("\r\n\r\n"); }
    std::string read_until(std::string_view mark) {
      std::string all;
      char byte = 0;
      while (!all.ends_with(mark) && recv(fd_, &byte, 1, 0) == 1) all += byte;
      return all;
    }
    void say(std::string_view bytes) {
      while (!bytes.empty()) {
        const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
    void await_end() {
      char bytes[64 << 10];
      while (recv(fd_, bytes, sizeof bytes, 0) > 0) continue;
    }

   private:
    int fd_;
  };
  using Script = std::function<void(Talk&)>;

  // One script for each connection, in turn.
  explicit RawPeer(std::vector<Script> scripts) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 16);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, scripts = std::move(scripts)] {
      for (const Script& script : scripts) {
        const int client = accept(fd_, nullptr, nullptr);
        if (client < 0) return;
        Talk talk(client);
        script(talk);
        close(client);
      }
    });
  }
  ~RawPeer() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }

 private:
  int fd_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace rogerthat::net
