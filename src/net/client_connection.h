// One connection to a server, from connect() to close. Addresses tried in turn, the TLS
// handshake, writing a request, reading its answer. Whose request it is, and how long anything may
// take, is the client's business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.h"
#include "net/loop.h"
#include "net/response_parser.h"
#include "net/timers.h"
#include "net/tls_client.h"
#include "net/url.h"

namespace rogerthat::net {

class ClientConnection;

// Who uses a connection. It may close the connection from within any of these calls.
class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  virtual void connected() = 0;
  virtual void wrote() = 0;  // some bytes of the request have gone
  virtual void head_came(const ResponseHead& head) = 0;
  virtual void data_came(std::string_view piece) = 0;
  virtual void ended() = 0;  // the answer is whole; the connection is free, or closed
  virtual void failed(ClientError error) = 0;  // it is closed
};

class ClientConnection final : public Watched,
                               public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(Loop& loop, Timers& timers, const TlsClientContext* tls, const Url& url);
  ~ClientConnection() override;

  // `addresses` are tried in turn; the last error is the one that is told.
  void connect(std::vector<IpAddress> addresses, ConnectionUser& user);
  // A request on a connection that is open and free.
  void send(std::string bytes, bool bodiless_answer, ConnectionUser& user);
  void close();
  // The answer is whole and another request may follow. Until then nobody uses it.
  bool reusable() const { return state_ == State::free; }
  bool closed() const { return state_ == State::closed; }
  bool answer_begun() const { return answer_begun_; }
  const IpAddress& address() const { return address_; }
  Millis free_since() const { return free_since_; }

  void on_ready(std::uint32_t epoll_events) override;

 private:
  enum class State : std::uint8_t { connecting, handshaking, open, busy, free, closed };

  void try_next_address();
  bool begin_connect(const IpAddress& address);
  void finish_connect();
  void shake_hands();
  void write_request();
  void read_answer();
  void parse_answer();
  void finish_answer();
  void peer_ended(bool in_order);
  void look_while_free();
  void fail(ClientFailure kind, std::string text);
  void drop_socket();

  Loop& loop_;
  Timers& timers_;
  const TlsClientContext* tls_;  // null: plain
  std::string host_;
  std::uint16_t port_;
  ConnectionUser* user_ = nullptr;
  std::vector<IpAddress> addresses_;
  std::size_t next_address_ = 0;
  Timers::Id attempt_timer_{};
  std::string last_error_;
  IpAddress address_;
  int fd_ = -1;
  State state_ = State::connecting;
  TlsSession session_;
  std::string request_;
  std::size_t written_ = 0;
  std::string input_;
  ResponseParser parser_;
  Millis free_since_ = 0;
  bool request_begun_ = false;
  bool answer_begun_ = false;
  bool spoiled_ = false;  // no further request may go out on it
};

}  // namespace rogerthat::net
