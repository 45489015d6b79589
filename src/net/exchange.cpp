#include "net/exchange.h"

#include <utility>

#include "net/connection.h"

namespace rogerthat::net {

Exchange::Exchange(ConnectionRef connection)
    : connection_(std::move(connection)), serial_(connection_ ? connection_.get()->serial() : 0) {}

Exchange& Exchange::operator=(Exchange&& other) noexcept {
  if (this == &other) return *this;
  if (connection_) connection_.get()->reply_unanswered(serial_);
  connection_ = std::move(other.connection_);
  serial_ = other.serial_;
  return *this;
}

Exchange::~Exchange() {
  if (connection_) connection_.get()->reply_unanswered(serial_);
}

void Exchange::await_body() {
  if (!connection_) return;
  connection_.get()->await_body(serial_);
  connection_ = ConnectionRef();
}

bool Exchange::open() const {
  return connection_ && connection_.get()->open(serial_);
}

void Exchange::reply(Response response) {
  if (connection_) connection_.get()->reply(serial_, std::move(response));
}

void Exchange::reply_json(std::string_view body, std::string_view extra_headers) {
  if (connection_) connection_.get()->reply_json(serial_, body, extra_headers);
}

void Exchange::reply_shared(const SharedBytes& whole_response) {
  if (connection_) connection_.get()->reply_shared(serial_, whole_response);
}

void Exchange::expedite() {
  if (connection_) connection_.get()->expedite(serial_);
}

void Exchange::park(std::unique_ptr<Parked> parked) {
  if (connection_) return connection_.get()->park(serial_, std::move(parked));
  parked->closed(false);
}

Parked* Exchange::parked() const {
  return connection_ ? connection_.get()->parked(serial_) : nullptr;
}

void Exchange::open_stream(std::string_view extra_headers, AtEnd at_end) {
  if (connection_) connection_.get()->open_stream(serial_, extra_headers, at_end);
}

bool Exchange::write(const SharedBytes& framed_events) {
  return connection_ && connection_.get()->write(serial_, framed_events);
}

std::size_t Exchange::unwritten() const {
  return connection_ ? connection_.get()->unwritten(serial_) : 0;
}

void Exchange::finish() {
  if (connection_) connection_.get()->finish(serial_);
}

bool Exchange::acknowledged() const {
  return connection_ && connection_.get()->acknowledged(serial_);
}

void Exchange::abort() {
  if (connection_) connection_.get()->abort(serial_);
}

void Exchange::move_to(Loop& loop) {
  if (!connection_) return;
  connection_.get()->move_to(serial_, loop);
  connection_ = ConnectionRef();
}

int Exchange::moves() const {
  return connection_ ? connection_.get()->moves(serial_) : 0;
}

}  // namespace rogerthat::net
