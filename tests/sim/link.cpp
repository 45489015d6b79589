#include "link.h"

#include <algorithm>
#include <utility>

#include "core/limits.h"

namespace rogerthat::sim {

Link::Link(World& world, std::uint64_t number, LinkHabits habits, ClientEnd& client,
           ServerEnd& server)
    : world_(world), number_(number), habits_(habits), client_(&client), server_(&server) {}

void Link::step() {
  if (habits_.fate != Fate::none && steps_++ == habits_.fate_step) strike();
}

bool Link::healthy() const {
  return !struck_ && habits_.latency + habits_.ack_delay < core::kDoubtMax;
}

void Link::strike() {
  if (cut_) return;
  struck_ = true;
  switch (std::exchange(habits_.fate, Fate::none)) {
    case Fate::none:
      break;
    case Fate::reset:
      reset();
      break;
    case Fate::vanish:
      vanish();
      break;
    case Fate::deaf:
      world_.trace("link {} goes deaf", number_);
      deaf_ = true;
      world_.after(world_.between(20, 4000), weak_from_this(), [this] { reset(); });
      break;
    case Fate::client_dies:
      if (client_ != nullptr) client_->dies();
      break;
  }
}

void Link::reset() {
  if (cut_) return;
  struck_ = true;
  world_.trace("link {} is reset", number_);
  cut_ = true;
  world_.after(world_.between(0, habits_.latency), shared_from_this(),
               [this, self = shared_from_this()] { tell_server_closed(); });
  world_.after(world_.between(0, habits_.latency), shared_from_this(),
               [this, self = shared_from_this()] { tell_client_closed(); });
}

void Link::vanish() {
  if (cut_) return;
  world_.trace("link {} vanishes", number_);
  cut_ = true;
  world_.after(world_.between(200, 60'000), shared_from_this(),
               [this, self = shared_from_this()] { tell_server_closed(); });
  world_.after(world_.between(200, 60'000), shared_from_this(),
               [this, self = shared_from_this()] { tell_client_closed(); });
}

void Link::tell_server_closed() {
  if (ServerEnd* server = std::exchange(server_, nullptr)) server->closed(*this);
}

void Link::tell_client_closed() {
  if (ClientEnd* client = std::exchange(client_, nullptr)) client->closed(*this);
}

void Link::send(Request request) {
  step();
  if (cut_ || client_ == nullptr) return;
  world_.after(habits_.latency, shared_from_this(),
               [this, self = shared_from_this(), through = arrived_,
                request = std::move(request)]() mutable {
                 if (cut_) return;
                 step();
                 if (cut_) return;
                 acknowledge(through);
                 if (cut_) return;
                 if (server_ == nullptr) {
                   reset();
                   return;
                 }
                 server_->request_arrived(*this, std::move(request));
               });
}

// What the program has read is acknowledged with the end of its side; unread bytes make it a reset.
void Link::close_by_client() {
  client_ = nullptr;
  peer_gone_ = true;
  if (cut_) return;
  const std::size_t through = read_ == arrived_ ? arrived_ : 0;
  world_.after(habits_.latency, shared_from_this(), [this, self = shared_from_this(), through] {
    if (cut_) return;
    if (!deaf_) acknowledged_ = std::max(acknowledged_, through);
    tell_server_closed();
  });
}

std::size_t Link::write(Answer answer) {
  step();
  pieces_.push_back(std::move(answer));
  if (!takes_more()) was_full_ = true;
  pump();
  step();
  return pieces_.size() - 1;
}

bool Link::takes_more() const {
  return pieces_.size() - acknowledged_ < habits_.send_buffer;
}

void Link::pump() {
  while (!cut_ && sent_ < pieces_.size() && sent_ - read_ < habits_.window) {
    ++sent_;
    last_arrival_ = std::max(last_arrival_, world_.time() + habits_.latency);
    world_.after(last_arrival_ - world_.time(), shared_from_this(),
                 [this, self = shared_from_this()] { arrive(); });
  }
}

void Link::arrive() {
  if (cut_) return;
  step();
  if (cut_) return;
  if (peer_gone_) {
    reset();
    return;
  }
  ++arrived_;
  world_.after(habits_.latency + habits_.ack_delay, shared_from_this(),
               [this, self = shared_from_this(), through = arrived_] { acknowledge(through); });
  last_read_ = std::max(last_read_, world_.time() + habits_.read_delay);
  world_.after(last_read_ - world_.time(), shared_from_this(),
               [this, self = shared_from_this()] { read_one(); });
}

void Link::read_one() {
  if (client_ == nullptr) return;
  step();
  if (client_ == nullptr) return;
  const std::size_t piece = read_++;
  client_->answer_read(*this, piece, pieces_[piece]);
  pump();
}

void Link::acknowledge(std::size_t through) {
  if (cut_ || deaf_ || through <= acknowledged_) return;
  step();
  if (cut_ || server_ == nullptr) return;
  acknowledged_ = through;
  server_->acknowledgement_arrived(*this);
  if (was_full_ && takes_more() && server_ != nullptr) {
    was_full_ = false;
    server_->drained(*this);
  }
  if (closing_ && acknowledged()) {
    tell_server_closed();
    tell_client_closed();
  }
}

void Link::close_by_server() {
  if (std::exchange(closing_, true)) return;
  world_.after(world_.between(habits_.latency, 3000), shared_from_this(),
               [this, self = shared_from_this()] {
                 tell_server_closed();
                 tell_client_closed();
                 cut_ = true;
               });
}

void Link::server_dies(bool machine_too) {
  struck_ = true;
  server_ = nullptr;
  if (machine_too) cut_ = true;
  // What the kernel had sent may still arrive; then the reset does.
  world_.after(machine_too ? world_.between(50, 5000) : 2 * habits_.latency + 1, shared_from_this(),
               [this, self = shared_from_this()] {
                 cut_ = true;
                 tell_client_closed();
               });
}

}  // namespace rogerthat::sim
