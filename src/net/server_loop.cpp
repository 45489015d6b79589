#include "net/server_loop.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "net/relief.h"

namespace rogerthat::net {

namespace {

constexpr int kAcceptsPerTurn = 128;
constexpr int kShedPerTurn = 16;
constexpr Millis kAcceptPause = 100;
constexpr Millis kLingerTime = 5 * kSecond;
constexpr Millis kSettleTime = 40;  // a delayed acknowledgement takes as long

std::array<Millis, kWaitKinds> durations(const ServerOptions& options) {
  return {0,
          options.idle_time_max,
          options.header_time_max,
          options.body_time_max,
          options.write_stall_max,
          kSettleTime,
          kLingerTime};
}

int open_spare() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace

ServerLoop::ServerLoop(ServerState& shared_state, Loop& own_loop, std::size_t loop_count)
    : state(shared_state),
      loop(own_loop),
      waits(durations(shared_state.options)),
      kept_input{0, shared_state.options.kept_input_bytes_max / loop_count},
      kept_output{0, shared_state.options.kept_output_bytes_max / loop_count},
      input(std::make_unique_for_overwrite<char[]>(kInputBuffer)),
      spare_fd_(open_spare()) {}

ServerLoop::~ServerLoop() {
  listeners_.clear();
  for (std::size_t kind = 0; kind < kWaitKinds; ++kind) {
    while (Waiting* who = waits.first(static_cast<Wait>(kind))) {
      static_cast<Connection*>(who)->end(false);
    }
  }
  for (const Arrival& arrival : arriving_) {
    close(arrival.fd);
    state.limits.release(arrival.peer, arrival.counted_by_address);
  }
  loop.detach(this);
  if (spare_fd_ >= 0) close(spare_fd_);
}

ServerLoop::Listener::~Listener() {
  home_.loop.unwatch(fd_, this);
  close(fd_);
}

void ServerLoop::start(const std::vector<int>& listening_fds) {
  for (const int fd : listening_fds) listeners_.push_back(std::make_unique<Listener>(*this, fd));
  loop.post([this] {
    loop.attach(this);
    for (const auto& listener : listeners_) {
      if (!loop.watch(listener->fd(), EPOLLIN, listener.get())) {
        log(LogLevel::error, "a listening socket cannot be watched", {{"errno", errno}});
      }
    }
  });
}

void ServerLoop::stop_listening() {
  loop.post([this] {
    // Who is in the queue already has a connection in its own eyes, and gets an answer.
    for (const auto& listener : listeners_) accept_from(*listener);
    listeners_.clear();
    accept_again_ = kNever;
    while (Waiting* who = waits.first(Wait::idle)) static_cast<Connection*>(who)->end(false);
  });
}

void ServerLoop::close_all() {
  loop.post([this] {
    listeners_.clear();
    closing_all_ = true;
    for (std::size_t kind = 0; kind < kWaitKinds; ++kind) {
      while (Waiting* who = waits.first(static_cast<Wait>(kind))) {
        static_cast<Connection*>(who)->end(false);
      }
    }
  });
}

void ServerLoop::close_clients(std::function<bool(const IpAddress&)> which) {
  loop.post([this, which = std::move(which)] {
    std::vector<ConnectionRef> meant;  // ending one may end another
    for (Waiting* who : waits.all()) {
      auto* const connection = static_cast<Connection*>(who);
      if (which(connection->client())) meant.emplace_back(connection);
    }
    for (const ConnectionRef& connection : meant) connection.get()->turn_out();
  });
}

void ServerLoop::arrive(Arrival arrival) {
  {
    const std::lock_guard lock(arriving_mutex_);
    arriving_.push_back(std::move(arrival));
  }
  loop.post([this] { take_arrivals(); });
}

void ServerLoop::take_arrivals() {
  std::vector<Arrival> arrivals;
  {
    const std::lock_guard lock(arriving_mutex_);
    arrivals.swap(arriving_);
  }
  for (Arrival& arrival : arrivals) {
    if (!closing_all_) {
      Connection::begin(*this, std::move(arrival));
      continue;
    }
    arrival.tls.reset();
    close(arrival.fd);
    counters.closed.add();
    state.limits.release(arrival.peer, arrival.counted_by_address);
  }
}

Millis ServerLoop::run_timers(Now now) {
  for (std::size_t kind = 1; kind < kWaitKinds; ++kind) {
    Waiting* who = nullptr;
    while ((who = waits.first(static_cast<Wait>(kind))) && who->deadline() <= now.steady) {
      static_cast<Connection*>(who)->expired();
    }
  }
  if (accept_again_ <= now.steady) {
    accept_again_ = kNever;
    for (const auto& listener : listeners_) accept_from(*listener);
  }
  return std::min(waits.next_deadline(), accept_again_);
}

void ServerLoop::end_of_round() {
  retired_.clear();
}

void ServerLoop::retire(std::unique_ptr<Parked> parked) {
  retired_.push_back(std::move(parked));
}

void ServerLoop::accept_from(Listener& listener) {
  int shed = 0;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int fd = accept4(listener.fd(), reinterpret_cast<sockaddr*>(&from), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      admit(fd, from);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    const bool out_of_descriptors = errno == EMFILE || errno == ENFILE;
    // Anything but that and a shortage of memory concerns the one connection that failed.
    if (!out_of_descriptors && errno != ENOBUFS && errno != ENOMEM) continue;
    counters.accept_failures.add();
    // Somebody who is told is better off than somebody who waits in a queue for nothing.
    if (out_of_descriptors && shed < kShedPerTurn && shed_one(listener)) {
      ++shed;
      continue;
    }
    accept_again_ = loop.now().steady + kAcceptPause;
    return;
  }
  accept_again_ = loop.now().steady;  // more may wait; others have their turn first
}

bool ServerLoop::shed_one(const Listener& listener) {
  if (spare_fd_ < 0) spare_fd_ = open_spare();
  if (spare_fd_ < 0) return false;
  close(spare_fd_);
  const int fd = accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  spare_fd_ = open_spare();
  return fd >= 0;
}

void ServerLoop::admit(int fd, const sockaddr_storage& from) {
  counters.accepted.add();
  Arrival arrival;
  arrival.fd = fd;
  arrival.peer = to_ip(from);
  arrival.peer_trusted = state.proxies.trusts(arrival.peer);
  arrival.counted_by_address = !arrival.peer_trusted;
  using Verdict = ConnectionLimits::Verdict;
  const auto admission = state.limits.admit(arrival.peer, arrival.counted_by_address);
  if (admission.verdict == Verdict::in_place_of_another) {
    make_room(*this, admission.heaviest);
  } else if (admission.verdict != Verdict::admitted) {
    return turn_away(fd, admission.verdict);
  }
  if (state.tls) {
    arrival.handshaking = true;
    arrival.tls = state.tls->new_session(fd);
    if (!arrival.tls) {
      state.limits.release(arrival.peer, arrival.counted_by_address);
      counters.tls_failures.add();
      counters.closed.add();
      close(fd);
      return;
    }
  }
  Connection::begin(*this, std::move(arrival));
}

// Said as far as the socket takes it: nothing is kept for a connection that is not admitted.
void ServerLoop::turn_away(int fd, ConnectionLimits::Verdict verdict) {
  counters.refused_connections.add();
  counters.closed.add();
  if (!state.tls) {
    const bool all = verdict == ConnectionLimits::Verdict::too_many;
    Response response;
    response.status = all ? 503 : 429;
    response.body = state.handler.refusal_body(
        response.status, all ? "The server has as many connections as it can serve."
                             : "Your address has too many open connections.");
    response.headers.emplace_back("Connection", "close");
    response.headers.emplace_back("Retry-After", "5");
    const std::string whole = encode_response(response, false);
    const iovec piece{const_cast<char*>(whole.data()), whole.size()};
    write_socket(fd, &piece, 1);
  }
  close(fd);
}

}  // namespace rogerthat::net
