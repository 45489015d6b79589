#include <utility>

#include "net/connection.h"
#include "net/relief.h"
#include "net/server_loop.h"

namespace rogerthat::net {

// Into the loop's buffer, and from there straight to the handler; only what is left over is kept.
bool Connection::receive() {
  if (!readable_) return false;
  char* const buffer = home_->input.get();
  const IoResult got = tls_ ? tls_read(tls_.get(), buffer, ServerLoop::kInputBuffer)
                            : read_socket(fd_, buffer, ServerLoop::kInputBuffer);
  switch (got.status) {
    case IoStatus::failed:
      end(false);
      return false;
    case IoStatus::again:
      readable_ = false;
      return false;
    case IoStatus::finished:
      input_ended_ = peer_finished_ = true;
      return true;
    case IoStatus::done:
      break;
  }
  home_->counters.bytes_in.add(got.bytes);
  // After a FIN no further event comes: then the end itself must be read.
  if (got.drained && !peer_finished_) readable_ = false;

  if (input_) {
    input_->bytes.append(buffer, got.bytes);
    input_->examined = false;
    keep(std::move(input_));
    return true;
  }
  Progress progress;
  std::size_t size = got.bytes;
  const std::size_t used = consume(buffer, size, progress);
  if (phase_ == Phase::gone || used == size) return true;
  auto kept = std::make_unique<KeptInput>();
  kept->bytes.assign(buffer + used, size - used);
  kept->progress = progress;
  kept->examined = phase_ == Phase::reading && !output_;
  kept->charge = Charge(home_->kept_input);
  keep(std::move(kept));
  return true;
}

void Connection::keep(std::unique_ptr<KeptInput> input) {
  input->charge.set(input->bytes.capacity());
  input_ = std::move(input);
  if (home_->kept_input.exceeded()) relieve(*home_, Kept::input);
}

bool Connection::read_kept() {
  // Taken out while requests view into it.
  std::unique_ptr<KeptInput> kept = std::move(input_);
  std::size_t size = kept->bytes.size();
  const std::size_t used = consume(kept->bytes.data(), size, kept->progress);
  if (phase_ == Phase::gone || used == size) return true;
  kept->bytes.resize(size);
  kept->bytes.erase(0, used);
  kept->examined = phase_ == Phase::reading && !output_;
  keep(std::move(kept));
  return true;
}

// Handles requests until one stays unanswered or the bytes run out. Returns how many bytes are used
// up; `progress` is that of what follows them, and `size` shrinks where chunks have been joined.
std::size_t Connection::consume(char* data, std::size_t& size, Progress& progress) {
  const ServerOptions& options = home_->state.options;
  const ReadLimits limits{options.header_bytes_max, options.body_bytes_max};
  std::size_t used = 0;
  while (phase_ == Phase::reading && !broken_ && !output_) {
    if (progress.stage == Progress::Stage::head && progress.scanned == 0) {
      used += count_blank_lines(data + used, size - used);
    }
    if (used == size) break;
    std::size_t rest = size - used;
    const ReadResult read =
        read_request(data + used, rest, progress, limits, home_->state.handler, home_->headers);
    size = used + rest;
    if (read.outcome == ReadOutcome::refused) {
      refuse(read.refusal.status, read.refusal.reason);
      return size;
    }
    if (read.outcome == ReadOutcome::more) {
      if (progress.asks()) {
        if (parked_ && !previous_answer_arrived()) break;
        progress.admitted = admit_body(read.head);
        if (moving_to_) break;
        if (!progress.admitted) return size;
      }
      if (std::exchange(progress.continue_due, false)) {
        answer_buffer() += "HTTP/1.1 100 Continue\r\n\r\n";
      }
      break;
    }
    if (parked_ && !previous_answer_arrived()) break;
    handle(read.head, {data + used + progress.head_size, progress.body_size});
    if (moving_to_) break;  // the other loop reads it again
    used += progress.end;
    progress = Progress{};
    if (home_->batch.size() > ServerLoop::kBatchMax) flush_batch();
  }
  return used;
}

// A further request proves that the answer before it has arrived, unless the client sent it early.
// TCP knows: a client that has read the answer has acknowledged it with that very request.
bool Connection::previous_answer_arrived() {
  flush_batch();
  settling_ = !broken_ && (output_ || unacknowledged() > 0);
  if (settling_ || broken_) return false;
  const std::unique_ptr<Parked> parked = std::move(parked_);
  parked->next_request();
  return true;
}

// What a request is before its body is looked at. It is being answered from here on.
Request Connection::begin_request(const Head& head) {
  const ServerState& state = home_->state;
  Request request;
  request.method = head.method;
  request.method_name = head.method_name;
  request.target = head.target;
  request.path = head.path;
  request.query = head.query;
  request.headers = home_->headers;
  request.host = head.host;
  request.http_1_0 = head.http_1_0;
  request.secure = tls_ != nullptr;
  request.forwarded = head.forwarded;
  request.peer = peer_;
  state.proxies.apply(request, peer_trusted_);
  client_ = request.client;

  ++serial_;
  if (!moved_here_) moves_ = 0;
  phase_ = Phase::answering;
  fresh_wait_ = true;
  half_close_told_ = false;
  in_pieces_ = false;
  head_only_ = head.method == Method::head;
  http_1_0_ = head.http_1_0;
  secure_ = request.secure;
  last_ = !head.keep_alive || serial_ >= state.options.requests_per_connection_max;
  return request;
}

void Connection::handle(const Head& head, std::string_view body) {
  Request request = begin_request(head);
  request.body = body;
  if (!moved_here_) home_->counters.requests.add();
  moved_here_ = false;
  handling_ = true;
  home_->state.handler.handle(request, Exchange(ConnectionRef(this)));
  handling_ = false;
}

// Whether the body may come. Where it may not, nobody reads on: what there is of it goes.
bool Connection::admit_body(const Head& head) {
  const Request request = begin_request(head);
  const bool first = !moved_here_;
  last_ = true;
  handling_ = true;
  home_->state.handler.admit_body(request, Exchange(ConnectionRef(this)));
  // Whoever has called run() holds a reference, which the analyser does not see.
  handling_ = false;  // NOLINT(clang-analyzer-cplusplus.NewDelete)
  if (phase_ == Phase::reading) return true;
  if (first) home_->counters.requests.add();
  if (!moving_to_) moved_here_ = false;
  return false;
}

void Connection::await_body(std::uint32_t serial) {
  if (!open(serial)) return;
  --serial_;  // it comes once more
  phase_ = Phase::reading;
}

// Answers what never was a request, and closes: nobody knows where the next one would begin.
void Connection::refuse(int status, std::string_view reason) {
  home_->counters.refused_requests.add();
  last_ = true;
  head_only_ = http_1_0_ = false;
  secure_ = tls_ != nullptr;
  Response response;
  response.status = status;
  response.body = home_->state.handler.refusal_body(status, reason);
  ++serial_;
  phase_ = Phase::answering;
  reply(serial_, std::move(response));
}

}  // namespace rogerthat::net
