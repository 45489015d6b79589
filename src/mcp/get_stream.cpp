#include "mcp/get_stream.h"

#include <utility>

#include "mcp/http_answer.h"
#include "mcp/sse.h"

namespace rogerthat::mcp {

// What the session knows of the stream: safe on any thread.
class GetStream::Handle final : public Outlet {
 public:
  Handle(net::Loop& loop, std::weak_ptr<GetStream> stream)
      : loop_(loop), stream_(std::move(stream)) {}
  void notes_waiting() override {
    loop_.post([stream = stream_] {
      if (const auto self = stream.lock()) self->write_notes();
    });
  }
  void session_ended() override {
    loop_.post([stream = stream_] {
      if (const auto self = stream.lock()) self->finish();
    });
  }

 private:
  net::Loop& loop_;
  const std::weak_ptr<GetStream> stream_;
};

// Holds the stream for as long as there is a connection.
class GetStream::Watcher final : public net::Parked {
 public:
  explicit Watcher(std::shared_ptr<GetStream> stream) : stream_(std::move(stream)) {}
  void peer_half_closed() override { stream_->finish(); }
  void closed(bool) override { stream_->gone(); }

 private:
  const std::shared_ptr<GetStream> stream_;
};

GetStream::GetStream(HttpShard& shard, std::shared_ptr<Session> session, net::Exchange exchange)
    : shard_(shard), session_(std::move(session)), exchange_(std::move(exchange)) {}

GetStream::~GetStream() = default;

void GetStream::open(HttpShard& shard, std::shared_ptr<Session> session, net::Exchange exchange,
                     std::optional<std::uint64_t> after) {
  const std::shared_ptr<GetStream> stream(
      new GetStream(shard, std::move(session), std::move(exchange)));
  stream->handle_ = std::make_shared<Handle>(shard.loop, stream);
  if (!stream->session_->set_outlet(stream->handle_, after.has_value())) {
    return answer_error(shard, stream->exchange_, 409, ErrorCode::server_error,
                        "This session has its stream already: one is open at a time.");
  }
  stream->begin(after);
}

void GetStream::begin(std::optional<std::uint64_t> after) {
  open_ = true;
  shard_.get_streams.insert(this);
  shard_.open_streams.add();
  shard_.count_answer(200);
  exchange_.open_stream();
  if (session_->revision() >= kPrimingSince) {
    const EventId id{.of_session = true, .number = after.value_or(session_->last_sent())};
    exchange_.write(priming_bytes(to_text(id)));
  }
  if (after) {
    for (const Session::Sent& sent : session_->sent_after(*after)) {
      exchange_.write(event_bytes(sent.note, to_text({.of_session = true, .number = sent.number})));
    }
  }
  shard_.beats.arm(*this, shard_.now());
  exchange_.park(std::make_unique<Watcher>(shared_from_this()));
}

void GetStream::write_notes() {
  if (!open_) return;
  for (std::string& note : session_->take_notes()) {
    const std::uint64_t number = session_->keep_sent(note);
    exchange_.write(event_bytes(note, to_text({.of_session = true, .number = number})));
  }
}

void GetStream::due(Millis steady_now) {
  session_->touch(steady_now);
  if (!exchange_.write(comment_bytes())) return;
  shard_.beats.arm(*this, steady_now);
}

void GetStream::leave() {
  if (!std::exchange(open_, false)) return;
  net::TimerList::disarm(*this);
  shard_.get_streams.erase(this);
  shard_.open_streams.remove();
  session_->touch(shard_.now());
  session_->clear_outlet(handle_.get());
}

void GetStream::finish() {
  if (!open_) return;
  leave();
  exchange_.finish();
}

void GetStream::gone() {
  leave();
}

}  // namespace rogerthat::mcp
