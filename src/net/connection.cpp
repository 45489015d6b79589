#include "net/connection.h"

#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server_loop.h"

namespace rogerthat::net {

namespace {
constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
constexpr int kStepsPerRun = 8;  // then others have their turn
}  // namespace

ConnectionRef::ConnectionRef(Connection* connection) : connection_(connection) {
  if (connection_) ++connection_->references_;
}
ConnectionRef::ConnectionRef(const ConnectionRef& other) : ConnectionRef(other.connection_) {}
ConnectionRef::ConnectionRef(ConnectionRef&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}
ConnectionRef& ConnectionRef::operator=(ConnectionRef other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}
ConnectionRef::~ConnectionRef() {
  // The analyser does not follow the count.
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete)
  if (connection_ && --connection_->references_ == 0) delete connection_;
}

Connection::Connection(ServerLoop& home, Arrival arrival)
    : home_(&home),
      input_(std::move(arrival.input)),
      output_(std::move(arrival.output)),
      tls_(std::move(arrival.tls)),
      peer_(arrival.peer),
      client_(arrival.peer),
      fd_(arrival.fd),
      serial_(arrival.requests),
      phase_(arrival.handshaking ? Phase::handshake : Phase::reading),
      moves_(arrival.moves),
      peer_trusted_(arrival.peer_trusted),
      counted_by_address_(arrival.counted_by_address),
      peer_finished_(arrival.peer_finished),
      moved_here_(arrival.moves > 0) {
  if (input_) {
    input_->examined = false;
    input_->charge = Charge(home.kept_input);
    input_->charge.set(input_->bytes.capacity());
  }
  if (output_) output_->charge_to(home.kept_output);
}

void Connection::begin(ServerLoop& home, Arrival arrival) {
  const ConnectionRef self(new Connection(home, std::move(arrival)));
  Connection& c = *self.get();
  ++c.references_;  // the list's, until the end
  if (c.counted_by_address_) home.addresses.add(c, c.peer_);
  home.waits.wait(c, c.phase_ == Phase::handshake ? Wait::header : Wait::idle,
                  home.loop.now().steady);
  if (!home.loop.watch(c.fd_, kEvents, &c)) return c.end(false);
  // The watch tells at once what a fresh socket has; what has moved here brings a request along.
  if (c.moved_here_) c.run();
}

void Connection::on_ready(std::uint32_t epoll_events) {
  const ConnectionRef self(this);
  // TLS may have to write before it can read.
  if (tls_ || (epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))) readable_ = true;
  if (epoll_events & EPOLLRDHUP) peer_finished_ = true;
  const bool reset =
      (epoll_events & EPOLLERR) || ((epoll_events & EPOLLHUP) && phase_ != Phase::lingering);
  if (reset) return end(false);
  if (output_ && ((epoll_events & EPOLLOUT) || tls_)) send_kept();
  run();
}

void Connection::resume() {
  scheduled_ = false;
  if (phase_ != Phase::gone) run();
}

void Connection::schedule() {
  if (scheduled_ || running_ || phase_ == Phase::gone) return;
  scheduled_ = true;
  home_->loop.post([self = ConnectionRef(this)] { self.get()->resume(); });
}

void Connection::broken() {
  broken_ = true;
  schedule();
}

// Goes on until there is nothing to do before the next event. Never nested: whatever the rooms
// above do to a connection from a callback is carried out by its own next run. Who calls it holds a
// reference; the analyser does not follow the count.
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete)
void Connection::run() {
  running_ = true;
  int steps = 0;
  while (phase_ != Phase::gone && steps < kStepsPerRun && step()) ++steps;
  if (phase_ != Phase::gone) flush_batch();
  running_ = false;
  if (phase_ == Phase::gone) return;
  // A write may have failed, or all may be written that an end has waited for.
  const bool more = steps == kStepsPerRun || broken_ || (phase_ == Phase::closing && !output_);
  if (more) schedule();
  if (moving_to_ && !broken_) return hand_over();
  wait_for_what_comes();
  if (kind == Wait::idle && home_->state.draining.load(std::memory_order_relaxed)) end(false);
}
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

// One piece of work; false: nothing to do.
bool Connection::step() {
  if (broken_) {
    end(aborted_);
    return false;
  }
  switch (phase_) {
    case Phase::handshake:
      return shake_hands();
    case Phase::reading:
      // A peer that does not read its answers is not asked for more requests.
      if (output_) return false;
      if (input_ && !input_->examined) return read_kept();
      if (settling_) return false;
      if (!input_ended_) return receive();
      input_.reset();
      if (!parked_ && home_->batch.empty()) {
        end(false);
        return false;
      }
      phase_ = Phase::closing;  // in order, so that the last answer's arrival is known
      return true;
    case Phase::answering:
    case Phase::streaming:
      return tell_half_close();
    case Phase::closing:
      flush_batch();
      if (output_ || broken_) return broken_;
      if (tls_ && !goodbye_may_go()) return false;
      ::shutdown(fd_, SHUT_WR);
      fin_sent_ = true;
      phase_ = Phase::lingering;
      return true;
    case Phase::lingering:
      return linger();
    case Phase::gone:
      return false;
  }
  return false;
}

bool Connection::shake_hands() {
  const IoResult result = tls_handshake(tls_.get());
  if (result.status == IoStatus::again) return false;
  if (result.status != IoStatus::done) {
    home_->counters.tls_failures.add();
    end(false);
    return false;
  }
  phase_ = Phase::reading;
  return true;
}

bool Connection::tell_half_close() {
  if (!peer_finished_ || half_close_told_ || !parked_) return false;
  half_close_told_ = true;
  flush_batch();
  parked_->peer_half_closed();
  return true;
}

// A client that closes with our close_notify unread sends a reset, and with it goes what TCP could
// have said about the answer. So where somebody wants to know, that is awaited first.
bool Connection::goodbye_may_go() {
  settling_ = parked_ && unacknowledged() > 0;
  if (settling_) return false;
  answer_arrived_ = true;
  tls_say_goodbye(tls_.get());
  return true;
}

// What still comes is read and dropped: closing with unread bytes would send a reset, and that can
// take the answer from the peer before it has read it.
bool Connection::linger() {
  while (!input_ended_ && readable_) {
    const IoResult got = read_socket(fd_, home_->input.get(), ServerLoop::kInputBuffer);
    home_->counters.bytes_in.add(got.bytes);
    if (got.status == IoStatus::failed) {
      end(false);
      return false;
    }
    if (got.status == IoStatus::finished) input_ended_ = true;
    if (got.status == IoStatus::again) readable_ = false;
    if (got.status == IoStatus::done) return true;  // others may have their turn
  }
  if (input_ended_ && (!parked_ || unacknowledged() == 0)) end(false);
  return false;
}

void Connection::wait_for_what_comes() {
  Wait wait = Wait::nothing;
  if (output_) {
    wait = Wait::write;
  } else if (settling_) {
    wait = Wait::settle;
  } else if (phase_ == Phase::handshake) {
    wait = Wait::header;
  } else if (phase_ == Phase::lingering) {
    wait = Wait::linger;
  } else if (phase_ == Phase::reading) {
    wait = !input_                                           ? Wait::idle
           : input_->progress.stage == Progress::Stage::head ? Wait::header
                                                             : Wait::body;
  }
  const bool anew = fresh_wait_;
  fresh_wait_ = false;
  if (anew || wait != kind) home_->waits.wait(*this, wait, home_->loop.now().steady);
}

void Connection::expired() {
  const ConnectionRef self(this);
  switch (kind) {
    case Wait::nothing:
      return;
    case Wait::idle:
    case Wait::linger:
      return end(false);
    case Wait::settle:
      fresh_wait_ = true;
      if (input_) input_->examined = false;
      return run();
    case Wait::write:
      home_->counters.timeouts.add();
      return end(true);
    case Wait::header:
    case Wait::body:
      break;
  }
  home_->counters.timeouts.add();
  if (phase_ == Phase::handshake) return end(true);
  input_.reset();
  refuse(408, kind == Wait::header ? "The request header took too long to arrive."
                                   : "The request body took too long to arrive.");
  run();
}

std::size_t Connection::unacknowledged() const {
  const std::size_t bytes = unacknowledged_bytes(fd_);
  return fin_sent_ && bytes > 0 ? bytes - 1 : bytes;  // our FIN is the last of them
}

// Nothing of its loop knows it any more.
ServerLoop& Connection::leave() {
  phase_ = Phase::gone;
  ServerLoop& home = *std::exchange(home_, nullptr);
  TimerList::disarm(static_cast<Waiting&>(*this));
  home.addresses.remove(*this, peer_);
  home.loop.unwatch(fd_, this);
  return home;
}

void Connection::end(bool reset) {
  if (phase_ == Phase::gone) return;
  const ConnectionRef self(this);
  acknowledged_at_end_ = answer_arrived_ || acknowledged(serial_);
  if (running_) home_->batch.clear();
  ServerLoop& home = leave();
  tls_.reset();
  if (reset) reset_on_close(fd_);
  ::close(fd_);
  home.counters.closed.add();
  home.state.limits.release(peer_, counted_by_address_);
  input_.reset();
  output_.reset();
  --references_;  // the list's; `self` keeps it for now
  if (const std::unique_ptr<Parked> parked = std::move(parked_)) {
    parked->closed(acknowledged_at_end_);
  }
}

// What says goodbye already may do so, and a proxy's connection that waits for its next request is
// anybody's.
void Connection::turn_out() {
  const bool leaving = phase_ == Phase::closing || phase_ == Phase::lingering;
  const bool anybodys = phase_ == Phase::reading && peer_trusted_;
  if (!leaving && !anybodys) end(false);
}

std::size_t Connection::keeps(Kept what) const {
  if (what == Kept::input) return input_ ? input_->charge.bytes() : 0;
  return output_ ? output_->charged() : 0;
}

void Connection::give_up(Kept what) {
  home_->counters.cut_off_for_memory.add();
  if (what == Kept::input && phase_ == Phase::reading && !broken_) {
    input_.reset();
    return refuse(503, "The server has too many incomplete requests to keep.");
  }
  // It may be in use further up the stack, and is freed with the connection.
  if (what == Kept::input) {
    input_->charge = Charge();
  } else {
    output_->charge_to_nobody();
  }
  aborted_ = true;
  broken();
}

// The socket goes on as a new Connection on another loop; this one stays behind as a shell for
// whoever still holds a reference.
void Connection::hand_over() {
  const ConnectionRef self(this);
  Arrival arrival;
  arrival.fd = fd_;
  arrival.peer = peer_;
  arrival.peer_trusted = peer_trusted_;
  arrival.counted_by_address = counted_by_address_;
  arrival.peer_finished = peer_finished_;
  arrival.moves = static_cast<std::uint8_t>(moves_ + 1);
  arrival.requests = serial_ - 1;  // this one is handled there
  arrival.tls = std::move(tls_);
  arrival.input = std::move(input_);
  arrival.output = std::move(output_);
  if (arrival.input) arrival.input->charge = Charge();
  if (arrival.output) arrival.output->charge_to_nobody();
  ServerLoop& home = leave();
  if (parked_) home.retire(std::move(parked_));
  --references_;
  home.state.find(*moving_to_)->arrive(std::move(arrival));
}

}  // namespace rogerthat::net
