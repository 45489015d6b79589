#include "net/client_connection.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/socket.h"

namespace rogerthat::net {

namespace {

constexpr Millis kAttemptMax = 3 * kSecond;  // where another address is left to try
constexpr std::size_t kReadSize = 64 << 10;
constexpr std::size_t kReadsPerRound = 16;  // so that one fast server does not starve the others

std::string error_text(int error) {
  return std::generic_category().message(error);
}

socklen_t fill(sockaddr_storage& out, const IpAddress& ip, std::uint16_t port) {
  if (ip.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::memcpy(&v4->sin_addr, ip.bytes.data() + 12, 4);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  std::memcpy(&v6->sin6_addr, ip.bytes.data(), 16);
  return sizeof *v6;
}

}  // namespace

ClientConnection::ClientConnection(Loop& loop, Timers& timers, const TlsClientContext* tls,
                                   const Url& url)
    : loop_(loop), timers_(timers), tls_(tls), host_(url.host), port_(url.port) {}

ClientConnection::~ClientConnection() {
  close();
}

void ClientConnection::drop_socket() {
  timers_.cancel(attempt_timer_);
  if (fd_ < 0) return;
  session_.reset();
  loop_.unwatch(fd_, this);
  ::close(fd_);
  fd_ = -1;
}

void ClientConnection::close() {
  if (session_ && (state_ == State::free || state_ == State::open)) tls_say_goodbye(session_.get());
  drop_socket();
  state_ = State::closed;
  user_ = nullptr;
}

void ClientConnection::fail(ClientFailure kind, std::string text) {
  ConnectionUser* const user = user_;
  const bool unsent = !request_begun_;
  close();
  if (user != nullptr) user->failed({kind, std::move(text), unsent});
}

void ClientConnection::connect(std::vector<IpAddress> addresses, ConnectionUser& user) {
  user_ = &user;
  addresses_ = std::move(addresses);
  try_next_address();
}

void ClientConnection::try_next_address() {
  drop_socket();
  while (next_address_ < addresses_.size()) {
    if (begin_connect(addresses_[next_address_++])) return;
  }
  fail(ClientFailure::unreachable, last_error_);
}

bool ClientConnection::begin_connect(const IpAddress& address) {
  state_ = State::connecting;
  address_ = address;
  sockaddr_storage raw{};
  const socklen_t size = fill(raw, address, port_);
  fd_ = socket(raw.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd_ >= 0) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    const int result = ::connect(fd_, reinterpret_cast<const sockaddr*>(&raw), size);
    // EINTR: the connection is made all the same.
    const bool begun = result == 0 || errno == EINPROGRESS || errno == EINTR;
    if (begun && loop_.watch(fd_, EPOLLIN | EPOLLOUT | EPOLLRDHUP, this)) {
      if (next_address_ < addresses_.size()) {
        attempt_timer_ = timers_.after(kAttemptMax, [weak = weak_from_this()] {
          const auto self = weak.lock();
          if (!self) return;
          self->last_error_ = "no answer to the attempt to connect";
          self->try_next_address();
        });
      }
      return true;
    }
  }
  last_error_ = error_text(errno);
  drop_socket();
  return false;
}

void ClientConnection::on_ready(std::uint32_t epoll_events) {
  const auto self = shared_from_this();  // the user may let go of it from within a call
  switch (state_) {
    case State::connecting:
      if ((epoll_events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) finish_connect();
      break;
    case State::handshaking:
      shake_hands();
      break;
    case State::busy:
      write_request();
      if (state_ == State::busy) read_answer();
      break;
    case State::free:
      look_while_free();
      break;
    case State::open:
    case State::closed:
      break;
  }
}

void ClientConnection::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    last_error_ = error_text(error);
    return try_next_address();
  }
  timers_.cancel(attempt_timer_);
  if (tls_ == nullptr) {
    state_ = State::open;
    return user_->connected();
  }
  session_ = tls_->new_session(fd_, host_, "http/1.1");
  if (!session_) return fail(ClientFailure::tls, "the TLS handshake could not be begun");
  state_ = State::handshaking;
  shake_hands();
}

void ClientConnection::shake_hands() {
  const IoResult result = tls_handshake(session_.get());
  if (result.status == IoStatus::again) return;
  // Another address would show the same certificate: none is tried.
  if (result.status != IoStatus::done) return fail(ClientFailure::tls, tls_failure(session_.get()));
  state_ = State::open;
  user_->connected();
}

void ClientConnection::send(std::string bytes, bool bodiless_answer, ConnectionUser& user) {
  user_ = &user;
  request_ = std::move(bytes);
  written_ = 0;
  request_begun_ = answer_begun_ = false;
  parser_ = ResponseParser(bodiless_answer);
  state_ = State::busy;
  // What is edge-triggered may have been told before: look at once, but not from within the call.
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->state_ == State::busy) self->on_ready(0);
  });
}

void ClientConnection::write_request() {
  bool progress = false;
  while (!spoiled_ && written_ < request_.size()) {
    iovec piece{request_.data() + written_, request_.size() - written_};
    const IoResult result =
        session_ ? tls_write(session_.get(), &piece, 1) : write_socket(fd_, &piece, 1);
    if (result.bytes > 0) request_begun_ = progress = true;
    written_ += result.bytes;
    if (result.status == IoStatus::again) break;
    if (result.status != IoStatus::done) {
      // The server may have answered before it closed: what it said is still to be read.
      spoiled_ = true;
      break;
    }
  }
  if (progress && user_ != nullptr) user_->wrote();
}

void ClientConnection::read_answer() {
  thread_local std::array<char, kReadSize> buffer;
  for (std::size_t reads = 0; reads < kReadsPerRound; ++reads) {
    const IoResult result = session_ ? tls_read(session_.get(), buffer.data(), buffer.size())
                                     : read_socket(fd_, buffer.data(), buffer.size());
    if (result.status == IoStatus::again) return;
    if (result.status != IoStatus::done) return peer_ended(result.status == IoStatus::finished);
    answer_begun_ = true;
    input_.append(buffer.data(), result.bytes);
    parse_answer();
    if (state_ != State::busy) return;
  }
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->state_ == State::busy) self->on_ready(0);
  });
}

void ClientConnection::parse_answer() {
  // The user's calls may send or close: the bytes are held here meanwhile.
  std::string input = std::exchange(input_, {});
  std::string_view left = input;
  while (state_ == State::busy) {
    const ResponseParser::Step step = parser_.next(left);
    left.remove_prefix(step.used);
    switch (step.event) {
      case ResponseParser::Event::more:
        input.erase(0, input.size() - left.size());
        input_ = std::move(input);
        return;
      case ResponseParser::Event::head:
        user_->head_came(parser_.head());
        break;
      case ResponseParser::Event::data:
        user_->data_came(step.data);
        break;
      case ResponseParser::Event::end:
        // Bytes behind an answer that nobody asked for: nothing on this connection can be trusted.
        if (!left.empty()) spoiled_ = true;
        return finish_answer();
      case ResponseParser::Event::refused:
        return fail(ClientFailure::malformed, std::string(parser_.reason()));
    }
  }
}

void ClientConnection::finish_answer() {
  ConnectionUser* const user = std::exchange(user_, nullptr);
  if (parser_.keeps_alive() && !spoiled_ && written_ == request_.size()) {
    state_ = State::free;
    free_since_ = loop_.now().steady;
    request_.clear();
    request_.shrink_to_fit();
    written_ = 0;
  } else {
    close();
  }
  user->ended();
}

// `in_order`: with a FIN and, over TLS, a close_notify. A body that ends with its connection is
// whole only then.
void ClientConnection::peer_ended(bool in_order) {
  const bool whole = parser_.end_of_input(input_.size()) == ResponseParser::Event::end && in_order;
  if (whole) {
    ConnectionUser* const user = std::exchange(user_, nullptr);
    close();
    return user->ended();
  }
  std::string text(parser_.reason());
  if (text.empty()) text = "The connection broke in the middle of the answer.";
  fail(ClientFailure::broken, std::move(text));
}

// Nothing may come on a connection that nobody uses but its end, and TLS's own business.
void ClientConnection::look_while_free() {
  char byte = 0;
  const IoResult result =
      session_ ? tls_read(session_.get(), &byte, 1) : read_socket(fd_, &byte, 1);
  if (result.status != IoStatus::again) close();
}

}  // namespace rogerthat::net
