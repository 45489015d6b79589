#include "mcp/stdio_endpoint.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mcp/dispatch.h"
#include "mcp/json_rpc.h"
#include "mcp/lines.h"
#include "mcp/running_call.h"
#include "mcp/session.h"
#include "net/timers.h"

namespace rogerthat::mcp {

namespace {
constexpr std::string_view kBatchRevision = "2025-03-26";
class StdioCall;
}  // namespace

// Calls may outlive the endpoint in the hands of the application: what they reach is this.
struct StdioEndpoint::Impl : std::enable_shared_from_this<StdioEndpoint::Impl> {
  Impl(net::Loop& on, int in, int out, Application& served, std::shared_ptr<Caller> who,
       std::function<void()> when_ended, StdioLimits with)
      : loop(on),
        application(served),
        caller(who ? std::move(who) : std::make_shared<Caller>()),
        ended(std::move(when_ended)),
        limits(with),
        timers(on),
        writer(on, out, [this] { output_changed(); }),
        reader(on, in, with.line_bytes_max,
               {.line = [this](std::string_view line) { take_line(line); },
                .too_long = [this] { refuse_long_line(); },
                .ended = [this] { input_ended(); }}) {}

  void take_line(std::string_view line);
  void take_batch(const JsonValue& array);
  void take_text(std::string_view text, bool in_batch);
  void take_message(const Message& message, std::string_view text);
  void take_request(const Message& message, std::string_view text);
  void refuse_early(const Message& message);
  void initialize(const Message& message);
  void initialized();
  void refuse(const BadMessage& refusal);
  void refuse_long_line();
  void write_notes();
  void notify(std::string note);

  void call_ended(StdioCall* call);
  void beat();
  void input_ended();
  void output_changed();
  void end_when_done();

  net::Loop& loop;
  Application& application;
  std::shared_ptr<Caller> caller;
  std::function<void()> ended;
  StdioLimits limits;
  net::Timers timers;
  LineWriter writer;
  LineReader reader;
  std::shared_ptr<Session> session;  // from `initialize` on
  std::deque<std::string> early_notes;
  std::vector<std::shared_ptr<StdioCall>> running;  // also those that await an answer of the client
  net::Timers::Id heartbeat{};
  bool client_is_ready = false;
  bool input_is_over = false;
  bool told_end = false;
};

namespace {

class StdioCall final : public RunningCall {
 public:
  StdioCall(CallOrigin origin, std::string id, std::weak_ptr<StdioEndpoint::Impl> endpoint,
            Millis begun)
      : RunningCall(std::move(origin), std::move(id)),
        endpoint_(std::move(endpoint)),
        begun_(begun) {}

  void stream_now() override { waits_ = true; }
  bool acknowledged() const override { return written_; }
  bool waits() const { return waits_; }
  void beat(Millis now) {
    if (waits_) heartbeat(now - begun_);
  }

 protected:
  void send_answer(std::string_view message, std::optional<ErrorCode>) override {
    const auto endpoint = endpoint_.lock();
    if (!endpoint) return;
    endpoint->writer.write(message, [self = shared_from_this(), this](bool written) {
      written_ = written;
      if (written) {
        handed_over(false);
      } else {
        lost();
      }
    });
    endpoint->call_ended(this);
  }
  bool send_note(std::string_view message, Note) override {
    const auto endpoint = endpoint_.lock();
    if (endpoint) endpoint->writer.write(message);
    return endpoint != nullptr;
  }
  void end_unanswered() override {
    if (const auto endpoint = endpoint_.lock()) endpoint->call_ended(this);
  }

 private:
  std::weak_ptr<StdioEndpoint::Impl> endpoint_;
  Millis begun_;
  bool waits_ = false;
  bool written_ = false;
};

// What changes outside any call goes out by the pipe, too.
class PipeOutlet final : public Outlet {
 public:
  PipeOutlet(net::Loop& loop, std::weak_ptr<StdioEndpoint::Impl> endpoint)
      : loop_(loop), endpoint_(std::move(endpoint)) {}
  void notes_waiting() override {
    loop_.post([endpoint = endpoint_] {
      if (const auto alive = endpoint.lock()) alive->write_notes();
    });
  }

 private:
  net::Loop& loop_;
  std::weak_ptr<StdioEndpoint::Impl> endpoint_;
};

}  // namespace

// --- What comes in.

void StdioEndpoint::Impl::take_line(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return;
  if (line[first] != '[') return take_text(line, false);
  const auto document = JsonDocument::parse(line);
  if (!document) return refuse(not_json(document.error()));
  if (session && session->revision() == kBatchRevision) return take_batch(*document);
  refuse({.message = "Batches are not part of this revision: send one message a line."});
}

void StdioEndpoint::Impl::take_batch(const JsonValue& array) {
  // Running one of them may parse something else: all are taken out first.
  std::vector<std::string> texts;
  array.each_item([&](JsonValue item) { append_json(texts.emplace_back(), item); });
  if (texts.empty()) return refuse({.message = "A batch must not be empty."});
  for (const std::string& text : texts) take_text(text, true);
}

void StdioEndpoint::Impl::take_text(std::string_view text, bool in_batch) {
  const auto message = parse_message(text);
  if (!message) return refuse(message.error());
  if (in_batch && message->method == "initialize") {
    return refuse({message->id, ErrorCode::invalid_request, "initialize stands on its own."});
  }
  take_message(*message, text);
}

void StdioEndpoint::Impl::take_message(const Message& message, std::string_view text) {
  switch (message.kind) {
    case Message::Kind::request:
      return take_request(message, text);
    case Message::Kind::notification:
      if (!session) return;
      if (message.method == "notifications/initialized") return initialized();
      return take_notification(*session, message);
    case Message::Kind::response:
      if (session) take_response(*session, message);
      return;
  }
}

void StdioEndpoint::Impl::take_request(const Message& message, std::string_view text) {
  if (message.method == "initialize") return initialize(message);
  if (!session && message.method != "ping") return refuse_early(message);
  CallOrigin origin;
  origin.application = &application;
  origin.loop = &loop;
  origin.era = Era::legacy;
  origin.revision = session ? session->revision() : kLatestLegacy;
  origin.session = session;
  origin.caller = caller;
  if (session) origin.client = session->client();
  const auto call = std::make_shared<StdioCall>(std::move(origin), message.id, weak_from_this(),
                                                loop.now().steady);
  running.push_back(call);
  dispatch(describe_request(call->origin(), message), text, call);
}

// A newer client tries its own handshake first, and must hear at once that there is none.
void StdioEndpoint::Impl::refuse_early(const Message& message) {
  if (knows_method(Era::legacy, message.method)) {
    return refuse({message.id, ErrorCode::invalid_request, "Send initialize first."});
  }
  refuse({message.id, ErrorCode::method_not_found,
          fmt::format("There is no method \"{}\" here: begin with initialize, revision {}.",
                      message.method.substr(0, 128), kLatestLegacy)});
}

void StdioEndpoint::Impl::initialize(const Message& message) {
  if (session) {
    return refuse({message.id, ErrorCode::invalid_request, "This session is initialized already."});
  }
  const auto handshake = read_initialize(message);
  if (!handshake) return refuse(handshake.error());
  session = std::make_shared<Session>("stdio", SessionOwner{}, handshake->revision,
                                      handshake->client, application.begin_session(*caller));
  std::string answer;
  append_initialize_result(answer, message.id, application.info(), handshake->revision);
  writer.write(answer);
}

void StdioEndpoint::Impl::initialized() {
  if (std::exchange(client_is_ready, true)) return;
  for (const std::string& note : std::exchange(early_notes, {})) writer.write(note);
  session->set_outlet(std::make_shared<PipeOutlet>(loop, weak_from_this()));
  if (limits.heartbeat > 0) {
    heartbeat = timers.after(limits.heartbeat, [this] { beat(); });
  }
}

void StdioEndpoint::Impl::refuse(const BadMessage& refusal) {
  std::string answer;
  append_error(answer, refusal.id, refusal.code, refusal.message);
  writer.write(answer);
}

void StdioEndpoint::Impl::refuse_long_line() {
  refuse({.code = ErrorCode::invalid_request,
          .message =
              fmt::format("A message must not be longer than {} bytes.", limits.line_bytes_max)});
}

// --- What goes out.

void StdioEndpoint::Impl::notify(std::string note) {
  if (!client_is_ready) {
    early_notes.push_back(std::move(note));
    if (early_notes.size() > limits.notes_kept_max) early_notes.pop_front();
  } else if (writer.waiting() <= limits.unread_bytes_max) {
    writer.write(note);
  }
}

void StdioEndpoint::Impl::write_notes() {
  if (!session) return;
  for (const std::string& note : session->take_notes()) writer.write(note);
}

void StdioEndpoint::Impl::beat() {
  const Millis now = loop.now().steady;
  for (const auto& call : std::vector(running)) call->beat(now);
  heartbeat = timers.after(limits.heartbeat, [this] { beat(); });
}

void StdioEndpoint::Impl::output_changed() {
  if (writer.broken()) reader.stop();
  reader.pause(writer.waiting() > limits.unread_bytes_max);
  end_when_done();
}

// --- The end.

void StdioEndpoint::Impl::call_ended(StdioCall* call) {
  std::erase_if(running, [call](const auto& other) { return other.get() == call; });
  // A client that asks faster than it reads is read no faster.
  if (writer.waiting() > limits.unread_bytes_max) reader.pause(true);
  if (input_is_over)
    loop.post([weak = weak_from_this()] {
      if (const auto alive = weak.lock()) alive->end_when_done();
    });
}

// Calls that wait for something to happen end with their client; the others may still be answered,
// so that a script of requests can be piped in.
void StdioEndpoint::Impl::input_ended() {
  input_is_over = true;
  const auto cancel = [this](bool all) {
    for (const auto& call : std::vector(running)) {
      if (all || call->waits()) call->cancel();
    }
  };
  cancel(false);
  if (!running.empty()) {
    timers.after(limits.last_calls, [this, cancel] {
      cancel(true);
      end_when_done();
    });
  }
  end_when_done();
}

void StdioEndpoint::Impl::end_when_done() {
  const bool done = input_is_over && running.empty() && writer.waiting() == 0;
  if ((!done && !writer.broken()) || std::exchange(told_end, true)) return;
  timers.cancel(heartbeat);
  const auto self = shared_from_this();  // the endpoint may be destroyed by what hears of its end
  for (const auto& call : std::vector(running)) call->cancel();
  if (session) session->end();
  ended();
}

// --- The endpoint.

StdioEndpoint::StdioEndpoint(net::Loop& loop, int in, int out, Application& application,
                             std::shared_ptr<Caller> caller, std::function<void()> ended,
                             StdioLimits limits)
    : impl_(std::make_shared<Impl>(loop, in, out, application, std::move(caller), std::move(ended),
                                   limits)) {}

StdioEndpoint::~StdioEndpoint() {
  for (const auto& call : std::vector(impl_->running)) call->cancel();
}

void StdioEndpoint::start() {
  impl_->reader.start();
}

void StdioEndpoint::notify(std::string_view method, std::string_view params_json) {
  std::string note;
  append_notification(note, method, params_json);
  impl_->notify(std::move(note));
}

bool StdioEndpoint::initialized() const {
  return impl_->client_is_ready;
}

}  // namespace rogerthat::mcp
