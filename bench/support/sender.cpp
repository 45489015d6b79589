#include "support/sender.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace rogerthat::bench {

Sender::Sender(Loop& loop, std::vector<SendRequest> requests, std::size_t connections,
               double rate_per_second)
    : loop_(loop),
      requests_(std::move(requests)),
      connection_count_(connections),
      interval_ns_(rate_per_second > 0 ? double(kNanosPerSecond) / rate_per_second : 0) {}

void Sender::start() {
  std::vector<Connection*> opened;
  for (std::size_t i = 0; i < connection_count_; i++) {
    opened.push_back(&loop_.open(*this));
    opened.back()->tag = static_cast<std::uint32_t>(i);
  }
  start_ = now_ns();
  if (interval_ns_ > 0) {
    free_ = std::move(opened);
    return;
  }
  for (Connection* connection : opened) {
    if (!finished()) send_next(*connection, now_ns());
  }
}

void Sender::begin_measuring() {
  latency_.reset();
  lateness_.reset();
  sent_ = 0;
  measured_from_ = now_ns();
}

void Sender::run_until(Nanos deadline) {
  while (now_ns() < deadline && !(finished() && idle())) {
    loop_.poll(interval_ns_ > 0 ? std::min(deadline, release_due()) : deadline);
  }
}

Nanos Sender::release_due(bool starved) {
  for (;;) {
    const Nanos due = start_ + static_cast<Nanos>(interval_ns_ * static_cast<double>(started_));
    // While every connection is busy the next send is late; its intended time stays.
    if (finished() || free_.empty()) return INT64_MAX;
    const Nanos now = now_ns();
    if (due > now) return due;
    left_.push_back(starved ? due : now);
    if (!starved) lateness_.record(now - due);
    Connection& connection = *free_.back();
    free_.pop_back();
    send_next(connection, due);
  }
}

Nanos Sender::left_at(Nanos intended) const {
  const double turn = static_cast<double>(intended - start_) / interval_ns_;
  return left_[static_cast<std::size_t>(std::lround(turn))];
}

void Sender::send_next(Connection& connection, Nanos intended) {
  // With as many channels as connections each connection stays with its channel, as an agent's
  // does; otherwise the channels take turns.
  const bool own_channel = requests_.size() == connection_count_;
  const std::size_t turn = own_channel ? connection.tag : started_;
  SendRequest& request = requests_[turn % requests_.size()];
  request.stamp(intended);
  connection.intended = intended;
  started_++;
  if (intended >= measured_from_) sent_++;
  in_flight_++;
  loop_.send(connection, request.bytes);
}

void Sender::on_response(Connection& connection, const Response& response) {
  if (response.status / 100 != 2) {
    throw Failure(
        fmt::format("a send was answered {} {:.300}", response.status, body_text(response)));
  }
  const Nanos now = now_ns();
  in_flight_--;
  if (connection.intended >= measured_from_) latency_.record(now - connection.intended);
  if (interval_ns_ > 0) {
    const bool starved = free_.empty();
    free_.push_back(&connection);
    release_due(starved);
  } else if (!finished()) {
    send_next(connection, now);
  }
}

}  // namespace rogerthat::bench
