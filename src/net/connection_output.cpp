#include <algorithm>
#include <utility>

#include "net/answer_head.h"
#include "net/chunk_framing.h"
#include "net/connection.h"
#include "net/relief.h"
#include "net/server_loop.h"

namespace rogerthat::net {

namespace {
// Up to here an answer is copied next to its head and goes out in one piece.
constexpr std::size_t kCopyMax = 16 << 10;
}  // namespace

bool Connection::open(std::uint32_t serial) const {
  return belongs(serial) && phase_ == Phase::answering && !broken_ && !moving_to_;
}

bool Connection::begin_answer(std::uint32_t serial) {
  if (!open(serial)) return false;
  if (home_->state.draining.load(std::memory_order_relaxed)) last_ = true;
  return true;
}

std::string& Connection::answer_buffer() {
  if (running_) return home_->batch;
  home_->scratch.clear();
  return home_->scratch;
}

std::string_view Connection::date_line() const {
  return home_->date.at(home_->loop.now().wall);
}

std::string_view Connection::connection_option() const {
  if (last_) return "close";
  return http_1_0_ ? "keep-alive" : "";
}

void Connection::reply(std::uint32_t serial, Response response) {
  if (!begin_answer(serial)) return;
  std::string& out = answer_buffer();
  append_head(out, response, {date_line(), connection_option(), {}, secure_});
  if (head_only_ || !has_body(response.status)) return answered(out);
  if (response.body.size() <= kCopyMax) {
    out += response.body;
    return answered(out);
  }
  const SharedBytes body = std::make_shared<const std::string>(std::move(response.body));
  answered(out, body);
}

void Connection::reply_json(std::uint32_t serial, std::string_view body,
                            std::string_view extra_lines) {
  if (!begin_answer(serial)) return;
  std::string& out = answer_buffer();
  append_head(out, 200, kJson, body.size(),
              {date_line(), connection_option(), extra_lines, secure_});
  if (!head_only_) out += body;
  answered(out);
}

void Connection::reply_shared(std::uint32_t serial, const SharedBytes& whole) {
  if (!begin_answer(serial)) return;
  // The lines that differ from connection to connection go in behind the status line.
  const std::size_t status_end = std::min(whole->find('\n'), whole->size() - 1) + 1;
  std::string& out = answer_buffer();
  out.append(*whole, 0, status_end);
  out += date_line();
  if (const auto option = connection_option(); !option.empty()) {
    out += "Connection: ";
    out += option;
    out += "\r\n";
  }
  if (head_only_) {
    const std::size_t head_end = whole->find("\r\n\r\n");
    out.append(*whole, status_end,
               head_end == std::string::npos ? head_end : head_end + 4 - status_end);
    return answered(out);
  }
  if (whole->size() - status_end <= kCopyMax) {
    out.append(*whole, status_end);
    return answered(out);
  }
  answered(out, whole, status_end);
}

void Connection::reply_unanswered(std::uint32_t serial) {
  if (!open(serial)) return;
  Response response;
  response.status = 500;
  response.body = home_->state.handler.refusal_body(500, "The request was dropped unanswered.");
  reply(serial, std::move(response));
}

void Connection::expedite(std::uint32_t serial) {
  if (open(serial)) in_pieces_ = true;
}

// The answer is complete in `out`, with `rest` behind it.
void Connection::answered(std::string& out, const SharedBytes& rest, std::size_t offset) {
  phase_ = last_ ? Phase::closing : Phase::reading;
  emit(out, rest, offset);
  if (running_) return;
  const bool more = phase_ == Phase::closing || input_ || readable_ || peer_finished_;
  if (input_) input_->examined = false;
  if (more) schedule();
  fresh_wait_ = true;
  wait_for_what_comes();
}

void Connection::emit(std::string& out, const SharedBytes& rest, std::size_t offset) {
  if (running_ && !rest) return;  // leaves with the batch
  send(out, rest, offset);
  out.clear();
}

void Connection::flush_batch() {
  std::string& batch = home_->batch;
  if (batch.empty()) return;
  send(batch, nullptr, 0);
  batch.clear();
}

IoResult Connection::write_pieces(const iovec* pieces, int count) {
  const IoResult result =
      tls_ ? tls_write(tls_.get(), pieces, count) : write_socket(fd_, pieces, count);
  home_->counters.bytes_out.add(result.bytes);
  return result;
}

// Writes at once; keeps what the socket does not take: `first` as a copy, `rest` by reference.
void Connection::send(std::string_view first, const SharedBytes& rest, std::size_t offset) {
  if (broken_) return;
  if (in_pieces_ && first.size() > 1) {
    in_pieces_ = false;
    const std::size_t half = first.size() / 2;
    send(first.substr(0, half), nullptr, 0);
    return send(first.substr(half), rest, offset);
  }
  std::size_t written = 0;
  if (!output_) {
    iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()}, {nullptr, 0}};
    if (rest) pieces[1] = {const_cast<char*>(rest->data()) + offset, rest->size() - offset};
    const IoResult result = write_pieces(pieces, rest ? 2 : 1);
    if (result.status == IoStatus::failed) return broken();
    written = result.bytes;
  }
  const std::size_t total = first.size() + (rest ? rest->size() - offset : 0);
  if (written == total) return;
  if (!output_) {
    output_ = std::make_unique<OutputQueue>(home_->kept_output, kSocketHolds);
    fresh_wait_ = true;
  }
  if (written < first.size()) {
    keep_output(std::make_shared<const std::string>(first.substr(written)), 0);
    written = first.size();
  }
  if (rest) keep_output(rest, offset + (written - first.size()));
}

void Connection::keep_output(SharedBytes bytes, std::size_t offset) {
  output_->push(std::move(bytes), offset);
  if (home_->kept_output.exceeded()) relieve(*home_, Kept::output);
}

// Top level: the socket takes more.
void Connection::send_kept() {
  while (!output_->empty()) {
    iovec pieces[OutputQueue::kPiecesPerWrite];
    const int count = output_->gather(pieces);
    const IoResult result = write_pieces(pieces, count);
    if (result.bytes > 0) {
      output_->consume(result.bytes);
      fresh_wait_ = true;  // it makes progress
    }
    if (result.status == IoStatus::failed) return broken();
    if (result.bytes == 0) return;
  }
  output_.reset();
  if (input_) input_->examined = false;
  if (phase_ == Phase::streaming && parked_) parked_->drained();
}

void Connection::open_stream(std::uint32_t serial, std::string_view extra_lines, AtEnd at_end) {
  if (!begin_answer(serial)) return;
  if (at_end == AtEnd::close || http_1_0_) last_ = true;
  chunked_stream_ = !http_1_0_;
  std::string& out = answer_buffer();
  std::string lines = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
  lines += extra_lines;
  append_head(out, 200, "text/event-stream", std::nullopt,
              {date_line(), connection_option(), lines, secure_}, chunked_stream_);
  if (head_only_) return answered(out);
  phase_ = Phase::streaming;
  emit(out, nullptr, 0);
}

bool Connection::write(std::uint32_t serial, const SharedBytes& framed_events) {
  if (!belongs(serial) || phase_ != Phase::streaming || broken_) return false;
  const SharedBytes bytes =
      chunked_stream_ ? framed_events
                      : std::make_shared<const std::string>(without_chunks(*framed_events));
  if (running_ && bytes->size() <= kCopyMax) {
    home_->batch += *bytes;
    return true;
  }
  if (running_) flush_batch();
  send({}, bytes, 0);
  if (!running_) wait_for_what_comes();
  return !broken_;
}

std::size_t Connection::unwritten(std::uint32_t serial) const {
  return belongs(serial) && output_ ? output_->size() : 0;
}

void Connection::finish(std::uint32_t serial) {
  if (!belongs(serial) || phase_ != Phase::streaming || broken_) return;
  if (home_->state.draining.load(std::memory_order_relaxed)) last_ = true;
  // The last chunk is no message: a peer that has all of them and is gone has missed nothing.
  if (last_ && acknowledged(serial)) answer_arrived_ = true;
  std::string& out = answer_buffer();
  if (chunked_stream_) out += kLastChunk;
  answered(out);
}

bool Connection::acknowledged(std::uint32_t serial) const {
  if (phase_ == Phase::gone) return serial == serial_ && acknowledged_at_end_;
  return !output_ && !(running_ && !home_->batch.empty()) && unacknowledged() == 0;
}

void Connection::abort(std::uint32_t serial) {
  if (!belongs(serial)) return;
  aborted_ = true;
  broken();
}

void Connection::park(std::uint32_t serial, std::unique_ptr<Parked> parked) {
  if (!belongs(serial)) {
    parked->closed(acknowledged(serial));
    return;
  }
  if (parked_) home_->retire(std::move(parked_));
  parked_ = std::move(parked);
  half_close_told_ = false;
  if (peer_finished_) schedule();  // it has to hear of it
}

Parked* Connection::parked(std::uint32_t serial) const {
  return belongs(serial) ? parked_.get() : nullptr;
}

void Connection::move_to(std::uint32_t serial, Loop& loop) {
  if (!open(serial)) return;
  if (!handling_ || home_->state.find(loop) == nullptr) return reply_unanswered(serial);
  moving_to_ = &loop;
}

int Connection::moves(std::uint32_t serial) const {
  return belongs(serial) ? moves_ : 0;
}

}  // namespace rogerthat::net
