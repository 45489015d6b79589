#include "client/channel.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/json_fields.h"
#include "client/tool_result.h"
#include "net/sse_parser.h"

namespace rogerthat::client {

namespace {

constexpr Millis kFirstWait = 500;
constexpr Millis kLongestWait = 30 * kSecond;
constexpr Millis kStreamSilenceMax = 60 * kSecond;  // the hub pings every 25 s
constexpr std::size_t kRefusalMax = 16 << 10;
constexpr std::size_t kUnconfirmedMax = 10'000;  // ids; a ring holds no more

}  // namespace

// One connection of the stream.
class Channel::Stream final : public net::ResponseSink {
 public:
  explicit Stream(Channel& channel) : channel_(channel) {}

  void on_head(const net::ResponseHead& head) override { status_ = head.status; }
  void on_data(std::string_view piece) override {
    if (status_ != 200) {
      body_.append(piece.substr(0, kRefusalMax - std::min(kRefusalMax, body_.size())));
      return;
    }
    const bool readable = events_.feed(
        piece, [this](const net::SseEvent& event) { channel_.take_event(event.type, event.data); });
    if (!readable) {
      channel_.close_stream();
      channel_.stream_ended(channel_.backoff_.next());
    }
  }
  void on_end() override { ended(); }
  void on_failure(const net::ClientError&) override { ended(); }

 private:
  void ended() {
    channel_.stream_ = 0;
    channel_.streaming_ = false;
    if (status_ != 200 && status_ != 0) return channel_.stream_refused(status_, body_);
    if (!channel_.dismissal_.empty()) {
      return channel_.dismissed(std::exchange(channel_.dismissal_, {}));
    }
    const Millis asked = std::exchange(channel_.reconnect_after_, -1);
    channel_.stream_ended(asked >= 0 ? asked : channel_.backoff_.next());
  }

  Channel& channel_;
  net::SseParser events_;
  std::string body_;
  int status_ = 0;
};

Channel::Channel(HubLink& link, net::Timers& timers, ChannelListener& listener, std::string id,
                 std::string directory)
    : link_(link),
      timers_(timers),
      listener_(listener),
      id_(std::move(id)),
      directory_(std::move(directory)),
      backoff_(link.random(), kFirstWait, kLongestWait) {}

Channel::~Channel() {
  close_stream();
  link_.cancel(joining_);
  timers_.cancel(timer_);
  for (const Waiter& waiter : waiters_) timers_.cancel(waiter.timer);
}

// --- The session.

std::string Channel::join_arguments(std::string_view wanted_json, std::string_view callsign) {
  std::string session = session_;
  if (session.empty() && !callsign.empty()) {
    keep_handle(callsign);
    if (handle_) session = handle_->session();
  }
  const auto wanted = JsonDocument::parse(wanted_json);
  std::string token(string_field(wanted ? std::optional(*wanted) : std::nullopt, "token"));
  // Also where the request carries it: the hub's answer then tells a wrong one from a missing one.
  if (token.empty()) token = token_;
  return with_fields(wanted_json, {{"channel_id", json_text(id_)},
                                   {"token", token.empty() ? "" : json_text(token)},
                                   {"callsign", callsign.empty() ? "" : json_text(callsign)},
                                   {"session", session.empty() ? "" : json_text(session)},
                                   {"ack", R"("explicit")"},
                                   {"keep", ""},
                                   {"keeps_handles", "true"}});
}

void Channel::joined(std::string_view result_json, std::string wanted_json) {
  const auto parsed = JsonDocument::parse(result_json);
  const auto facts = parsed ? parsed->find("structuredContent") : std::nullopt;
  const std::string session(string_field(facts, "session_id"));
  const std::string callsign(string_field(facts, "callsign"));
  posture_ = read_posture(string_field(facts, "trust_posture"));
  if (session.empty() || callsign.empty()) {
    trouble_ = "The hub's answer to the join is not understood.";
    return;
  }
  if (callsign != callsign_) {
    // The cursor belongs to the callsign: what waits for this one may be older.
    came_ = told_ = 0;
    unconfirmed_.clear();
  }
  session_ = session;
  callsign_ = callsign;
  if (handle_ && handle_callsign_ != callsign_) handle_->forget();
  keep_handle(callsign_);
  if (handle_) handle_->save(session_);
  wanted_ = std::move(wanted_json);
  joined_ = true;
  dismissed_ = false;
  trouble_.clear();
  link_.cancel(std::exchange(joining_, 0));
  timers_.cancel(timer_);
  backoff_.reset();
  close_stream();
  open_stream();
  release_waiters(true);
}

void Channel::keep_handle(std::string_view callsign) {
  if (handle_ && handle_callsign_ == callsign) return;
  handle_.reset();
  handle_ = SavedHandle::open(directory_, link_.origin(), id_, callsign);
  handle_callsign_ = callsign;
}

void Channel::join_at_start(std::string callsign) {
  callsign_ = std::move(callsign);
  at_start_ = true;
  rejoin();
}

void Channel::session_lost(std::string_view session) {
  if (!joined_ || session != session_ || dismissed_) return;
  joined_ = false;
  trouble_.clear();
  close_stream();
  timers_.cancel(timer_);
  rejoin();
}

void Channel::left() {
  if (handle_) handle_->forget();
  handle_.reset();
  joined_ = false;
  close_stream();
  link_.cancel(std::exchange(joining_, 0));
  timers_.cancel(timer_);
  release_waiters(false);
}

void Channel::rejoin() {
  HubRequest request;
  request.method = "tools/call";
  request.name = "join";
  request.params = [this] {
    return with_fields("{}",
                       {{"name", R"("join")"}, {"arguments", join_arguments(wanted_, callsign_)}});
  };
  request.bearer = token_;
  request.repeatable = !session_.empty();  // else a repetition would find the callsign taken
  joining_ = link_.ask(std::move(request), [this](const HubAnswer& answer) {
    joining_ = 0;
    rejoined(answer);
  });
}

void Channel::rejoined(const HubAnswer& answer) {
  const auto parsed = JsonDocument::parse(answer.json);
  const auto object = parsed ? std::optional(*parsed) : std::nullopt;
  if (answer.kind == HubAnswer::Kind::no_answer) return not_joined(answer.text, answer.retry);
  if (answer.kind == HubAnswer::Kind::refused) {
    return not_joined(std::string(string_field(object, "message")), answer.retry);
  }
  std::string text = object ? first_text(*object) : std::string();
  if (object && is_error(*object)) {
    const std::string code(string_field(object->find("structuredContent"), "code"));
    return not_joined(std::move(text), retry_of(code));
  }
  joined(answer.json, wanted_);
  if (!joined_) return not_joined(trouble_, Retry::never);
  if (std::exchange(at_start_, false)) listener_.joined_at_start(*this, std::move(text));
}

void Channel::not_joined(std::string why, Retry retry) {
  trouble_ = std::move(why);
  retry_ = retry;
  if (retry != Retry::never) later(backoff_.next(), &Channel::rejoin);
  if (retry != Retry::soon) release_waiters(false);
  if (retry == Retry::never) listener_.given_up(*this);
}

void Channel::later(Millis wait, void (Channel::*what)()) {
  timers_.cancel(timer_);
  timer_ = timers_.after(wait, [this, what] { (this->*what)(); });
}

void Channel::when_ready(Millis patience, Ready ready) {
  if (joined_ || dismissed_ || is_given_up()) return ready(joined_);
  // What is known is old: one more try, now.
  if (!trouble_.empty() && joining_ == 0) {
    timers_.cancel(timer_);
    rejoin();
  }
  const std::uint64_t number = ++waiter_count_;
  const auto timer = timers_.after(patience, [this, number] {
    const auto found = std::ranges::find(waiters_, number, &Waiter::number);
    if (found == waiters_.end()) return;
    Ready too_late = std::move(found->ready);
    waiters_.erase(found);
    too_late(false);
  });
  waiters_.push_back({number, std::move(ready), timer});
}

void Channel::release_waiters(bool ready) {
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    timers_.cancel(waiter.timer);
    waiter.ready(ready);
  }
}

// --- The stream.

void Channel::open_stream() {
  net::ClientRequest request =
      link_.plain_request(fmt::format("/api/channels/{}/stream?presence=1", id_), token_);
  request.headers.emplace_back("Accept", "text/event-stream");
  request.headers.emplace_back("X-Session-Id", session_);
  request.idle_max = kStreamSilenceMax;
  reconnect_after_ = -1;
  dismissal_.clear();
  stream_ = link_.http().stream(std::move(request), std::make_unique<Stream>(*this));
}

void Channel::close_stream() {
  link_.http().cancel(std::exchange(stream_, 0));
  streaming_ = false;
}

void Channel::take_event(std::string_view type, std::string_view data) {
  if (type == "message") return take_message(data);
  if (type == "hello") {
    streaming_ = true;
    backoff_.reset();
  } else if (type == "presence") {
    listener_.presence(*this);
  } else if (type == "bye") {
    const auto parsed = JsonDocument::parse(data);
    const std::string reason(
        string_field(parsed ? std::optional(*parsed) : std::nullopt, "reason"));
    if (reason == "kicked" || reason == "banned" || reason == "stopped") dismissal_ = reason;
    if (parsed && parsed->find("reconnect_after_ms")) {
      reconnect_after_ =
          std::clamp<Millis>(integer_field(*parsed, "reconnect_after_ms"), 0, kLongestWait);
    }
  }
}

void Channel::take_message(std::string_view data) {
  const auto message = read_incoming(data);
  if (!message) return;
  if (message->status) return listener_.status(*this, *message, data);
  if (message->id <= came_) return;
  came_ = message->id;
  if (message->id <= told_) return;
  unconfirmed_.push_back(message->id);
  if (unconfirmed_.size() > kUnconfirmedMax) unconfirmed_.pop_front();
  listener_.message(*this, *message);
}

void Channel::stream_refused(int status, std::string_view body) {
  const auto parsed = JsonDocument::parse(body);
  const std::optional<JsonValue> fields = parsed ? std::optional<JsonValue>(*parsed) : std::nullopt;
  const std::string code(string_field(fields, "code"));
  if (string_field(fields, "error").starts_with("The operator")) return dismissed("ended");
  // Forgotten, or not let in any more: the join says which.
  const bool not_ours =
      status == 410 || status == 404 || status == 401 || status == 403 || code == "not_joined";
  if (not_ours) {
    joined_ = false;
    return later(backoff_.next(), &Channel::rejoin);
  }
  stream_ended(backoff_.next());
}

// Coming back by itself would undo what the operator has done.
void Channel::dismissed(std::string_view why) {
  dismissed_ = true;
  joined_ = false;
  close_stream();
  link_.cancel(std::exchange(joining_, 0));
  timers_.cancel(timer_);
  trouble_ = fmt::format("The hub's operator has ended this session ({}).", why);
  listener_.dismissed(*this, why);
  release_waiters(false);
}

void Channel::stream_ended(Millis wait) {
  later(wait, &Channel::open_stream);
}

// --- What has been handed on.

void Channel::tell(std::int64_t id) {
  told_ = std::max(told_, id);
  while (!unconfirmed_.empty() && unconfirmed_.front() <= told_) unconfirmed_.pop_front();
}

void Channel::tell_single(std::int64_t id) {
  // Only where nothing older waits: confirming it confirms all before it.
  const bool oldest = streaming_ && !unconfirmed_.empty() && unconfirmed_.front() == id;
  if (oldest) tell(id);
}

}  // namespace rogerthat::client
