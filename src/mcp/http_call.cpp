#include "mcp/http_call.h"

#include <utility>

#include "mcp/http_answer.h"
#include "mcp/session.h"
#include "mcp/sse.h"

namespace rogerthat::mcp {

namespace {
// What one broken answer may keep besides the answer itself; beyond it the oldest notes go.
constexpr std::size_t kKeptNotesMax = 64 << 10;
}  // namespace

// Holds the call for as long as its connection may have something to tell.
class HttpCall::Watcher final : public net::Parked {
 public:
  explicit Watcher(std::shared_ptr<HttpCall> call) : call_(std::move(call)) {}
  void peer_half_closed() override {
    if (call_->watcher_ == this) call_->half_closed();
  }
  void next_request() override {
    if (call_->watcher_ == this) call_->next_request();
  }
  void closed(bool acknowledged) override {
    if (call_->watcher_ == this) call_->connection_closed(acknowledged);
  }

 private:
  const std::shared_ptr<HttpCall> call_;
};

HttpCall::HttpCall(HttpShard& shard, CallOrigin origin, std::string id, net::Exchange exchange,
                   Accepted accepted)
    : RunningCall(std::move(origin), std::move(id)),
      shard_(shard.shared_from_this()),
      exchange_(std::move(exchange)),
      began_(shard.now()),
      accepted_(accepted) {}

HttpCall::~HttpCall() {
  forget();
  count(counted_call_, shard_->calls, false);
  count(counted_stream_, shard_->open_streams, false);
}

void HttpCall::count(bool& counted, Gauge& gauge, bool from_now_on) {
  if (std::exchange(counted, from_now_on) == from_now_on) return;
  if (from_now_on) {
    gauge.add();
  } else {
    gauge.remove();
  }
}

void HttpCall::settle() {
  settled_ = true;
  if (open()) count(counted_call_, shard_->calls, true);
  if (open() || has_parked() || resumable()) watch();
}

void HttpCall::parked_changed() {
  if (settled_) watch();
}

void HttpCall::watch() {
  if (watcher_ != nullptr) return;
  auto watcher = std::make_unique<Watcher>(std::static_pointer_cast<HttpCall>(shared_from_this()));
  watcher_ = watcher.get();
  exchange_.park(std::move(watcher));
}

bool HttpCall::acknowledged() const {
  return answered() && exchange_.acknowledged();
}

// A stream.

void HttpCall::stream_now() {
  if (streaming_ || !accepted_.events || !exchange_.open()) return;
  streaming_ = true;
  shard_->count_answer(200);
  count(counted_stream_, shard_->open_streams, true);
  exchange_.open_stream({}, net::AtEnd::keep);
  if (origin().era == Era::legacy) {
    stream_ = ++shard_->stream_count;
    shard_->streams.emplace(stream_, this);
    prime(event_count_);
  }
  shard_->beats.arm(*this, shard_->now());
}

void HttpCall::prime(std::uint64_t number) {
  if (origin().revision < kPrimingSince) return;
  told_id_ = true;
  exchange_.write(
      priming_bytes(to_text({.shard = shard_->number, .stream = stream_, .number = number})));
}

void HttpCall::write_event(std::string_view message, Note kind) {
  if (stream_ == 0) {
    exchange_.write(event_bytes(message));
    return;
  }
  const std::uint64_t number = ++event_count_;
  auto bytes =
      event_bytes(message, to_text({.shard = shard_->number, .stream = stream_, .number = number}));
  if (exchange_.write(bytes)) told_id_ = true;
  if (kind == Note::passing) return;
  std::size_t given_up = 0;
  while (!kept_.empty() && kept_bytes_ - given_up > kKeptNotesMax) {
    given_up += kept_.front().bytes->size();
    kept_.erase(kept_.begin());
  }
  kept_bytes_ += bytes->size() - given_up;
  const std::size_t added = bytes->size();
  kept_.push_back({number, std::move(bytes)});
  shard_->charge_kept(added, given_up);
}

bool HttpCall::send_note(std::string_view message, Note kind) {
  stream_now();
  if (!streaming_) return false;
  write_event(message, kind);
  return true;
}

void HttpCall::send_answer(std::string_view message, std::optional<ErrorCode> error) {
  count(counted_call_, shard_->calls, false);
  if (origin().session) origin().session->touch(shard_->now());
  if (!streaming_ && !accepted_.json) stream_now();
  if (!streaming_) {
    answer_message(*shard_, exchange_, error ? status_of(origin().era, *error) : 200, message);
    if (settled_ && has_parked()) watch();
    return;
  }
  write_event(message, Note::lasting);
  if (self_) return wait_for_client();
  net::TimerList::disarm(*this);
  if (resumable()) shard_->broken.arm(*this, shard_->now());
  count(counted_stream_, shard_->open_streams, false);
  exchange_.finish();
  if (settled_ && (has_parked() || resumable())) watch();
}

void HttpCall::end_unanswered() {
  count(counted_call_, shard_->calls, false);
  count(counted_stream_, shard_->open_streams, false);
  forget();
  if (streaming_) {
    exchange_.finish();
  } else if (exchange_.open()) {
    answer_empty(*shard_, exchange_, 202);
  }
}

// The end of a connection.

void HttpCall::half_closed() {
  if (!open()) return;
  // It may be gone or may still read; it has a way to come back where it knows an event.
  if (resumable()) return drop_connection();
  if (streaming_) return cancel();
  refuse(ErrorCode::server_error,
         "The connection was closed on your side while this call was waiting: it was cancelled.");
}

void HttpCall::next_request() {
  watcher_ = nullptr;
  forget();
  handed_over(true);
}

void HttpCall::connection_closed(bool acknowledged) {
  leave_connection();
  if (open()) {
    if (resumable()) return wait_for_client();
    return cancel();
  }
  if (!answered()) return;
  if (acknowledged) handed_over(false);
  // What TCP has taken may still be lost in a proxy on the way.
  if (resumable() && !kept_.empty()) return wait_for_client();
  lost();
}

void HttpCall::drop_connection() {
  if (!open() || !resumable() || self_) return;
  net::Exchange left = std::move(exchange_);
  leave_connection();
  left.finish();
  wait_for_client();
}

void HttpCall::leave_connection() {
  watcher_ = nullptr;
  exchange_ = net::Exchange();
}

// Resumption.

void HttpCall::wait_for_client() {
  count(counted_stream_, shard_->open_streams, false);
  if (stream_ == 0) return lost();
  self_ = std::static_pointer_cast<HttpCall>(shared_from_this());
  shard_->broken.arm(*this, shard_->now());
}

void HttpCall::due(Millis steady_now) {
  if (const auto self = std::move(self_)) {  // nobody came
    forget();
    if (open()) return cancel();
    return lost();
  }
  if (!open()) return forget();  // answered, and the connection has been quiet since
  if (!heartbeat(steady_now - began_)) exchange_.write(comment_bytes());
  shard_->beats.arm(*this, steady_now);
}

void HttpCall::resume(net::Exchange exchange, std::uint64_t after) {
  const auto keep = std::static_pointer_cast<HttpCall>(shared_from_this());
  // The client is here: its other connection is dead, whatever this side believes. After the answer
  // it may serve other requests.
  net::Exchange left = std::move(exchange_);
  leave_connection();
  if (open()) left.abort();
  self_ = nullptr;
  exchange_ = std::move(exchange);
  shard_->count_answer(200);
  exchange_.open_stream({}, net::AtEnd::keep);
  // Some clients know on a stream only the ids that it has brought itself.
  prime(after);
  for (const KeptEvent& event : kept_) {
    if (event.number > after) exchange_.write(event.bytes);
  }
  if (open()) {
    count(counted_stream_, shard_->open_streams, true);
    shard_->beats.arm(*this, shard_->now());
  } else {
    shard_->broken.arm(*this, shard_->now());
    exchange_.finish();
  }
  watch();
}

void HttpCall::forget() {
  net::TimerList::disarm(*this);
  self_ = nullptr;
  if (stream_ != 0) shard_->streams.erase(std::exchange(stream_, 0));
  kept_.clear();
  shard_->charge_kept(0, std::exchange(kept_bytes_, 0));
}

}  // namespace rogerthat::mcp
