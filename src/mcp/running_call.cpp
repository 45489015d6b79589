#include "mcp/running_call.h"

#include <utility>

#include "base/json.h"
#include "mcp/application.h"
#include "mcp/dispatch.h"
#include "mcp/json_rpc.h"
#include "mcp/request_state.h"
#include "mcp/results.h"
#include "mcp/session.h"

namespace rogerthat::mcp {

namespace {
constexpr std::size_t kSpareMax = 64 << 10;
}

// What a legacy client has been asked, and what has come back so far.
struct RunningCall::Inquiry {
  struct Question {
    std::string key;
    std::string id;
    std::string answer;  // JSON
  };
  std::string state;
  std::vector<Question> questions;
  std::size_t missing = 0;
};

RunningCall::RunningCall(CallOrigin origin, std::string id)
    : origin_(std::move(origin)), id_(std::move(id)) {}

RunningCall::~RunningCall() {
  finish(State::cancelled);
}

void RunningCall::finish(State state) {
  if (!open()) return;
  state_ = state;
  if (std::exchange(in_session_, false)) origin_.session->remove_call(id_);
  if (const auto inquiry = std::move(inquiry_)) {
    for (const auto& question : inquiry->questions) origin_.session->drop_question(question.id);
  }
  kept_request_ = {};
}

void RunningCall::answer(std::string_view message, std::optional<ErrorCode> error) {
  const auto self = shared_from_this();
  finish(State::answered);
  send_answer(message, error);
}

void RunningCall::result(std::string_view fields) {
  if (!open()) return;
  // Taken while it is in use: an answer may lead to another one before it returns.
  thread_local std::string spare;
  std::string message = std::move(spare);
  message.clear();
  append_call_result(message, *this, fields, caching_);
  answer(message, std::nullopt);
  if (message.capacity() <= kSpareMax) spare = std::move(message);
}

void RunningCall::error(ErrorCode code, std::string_view message, std::string_view data_json) {
  if (!open()) return;
  std::string whole;
  append_error(whole, id_, code, message, data_json);
  answer(whole, code);
}

void RunningCall::cancel() {
  if (!open()) return;
  const auto self = shared_from_this();
  finish(State::cancelled);
  const std::unique_ptr<ReplyFate> parked = std::move(parked_);
  end_unanswered();
  if (parked) parked->cancelled();
}

void RunningCall::refuse(ErrorCode code, std::string_view message) {
  if (!open()) return;
  const std::unique_ptr<ReplyFate> parked = std::move(parked_);
  error(code, message, {});
  state_ = State::cancelled;
  if (parked) parked->cancelled();
}

void RunningCall::handed_over(bool confirmed) {
  if (outcome_ != Outcome::unknown) return;
  outcome_ = confirmed ? Outcome::confirmed : Outcome::handed_over;
  tell_outcome();
}

void RunningCall::lost() {
  if (outcome_ != Outcome::unknown) return;
  outcome_ = Outcome::lost;
  tell_outcome();
}

void RunningCall::tell_outcome() {
  const std::unique_ptr<ReplyFate> parked = std::move(parked_);
  if (!parked) return;
  if (outcome_ == Outcome::lost) return parked->lost();
  parked->handed_over(outcome_ == Outcome::confirmed);
}

void RunningCall::park(std::unique_ptr<ReplyFate> parked) {
  if (state_ == State::cancelled) return parked->cancelled();
  parked_ = std::move(parked);
  if (outcome_ != Outcome::unknown) return tell_outcome();
  parked_changed();
}

void RunningCall::dispatched() {
  if (!open()) {
    request_text_ = {};
    return;
  }
  if (input_allowed_ && origin_.era == Era::legacy && kept_request_.empty()) {
    kept_request_ = request_text_;
  }
  request_text_ = {};
  if (!origin_.session || in_session_) return;
  in_session_ = origin_.session->add_call(id_, origin_.loop, weak_from_this());
  if (!in_session_) {
    refuse(ErrorCode::invalid_request, "A request with this id is still running.");
  }
}

void RunningCall::allow_input(std::string_view request_text, std::string sealed_to) {
  input_allowed_ = true;
  request_text_ = request_text;
  sealed_to_ = std::move(sealed_to);
}

namespace {

// The capability that a client declares for a method of ours; empty: no client has it.
std::string_view capability_for(std::string_view method) {
  if (method == "elicitation/create") return "elicitation";
  if (method == "sampling/createMessage") return "sampling";
  if (method == "roots/list") return "roots";
  return {};
}

bool declared(const ClientCapabilities& client, std::string_view method) {
  if (method == "elicitation/create") return client.elicitation;
  if (method == "sampling/createMessage") return client.sampling;
  return method == "roots/list" && client.roots;
}

}  // namespace

void RunningCall::need_input(std::vector<InputRequest> inputs, std::string_view state) {
  if (!open()) return;
  const auto self = shared_from_this();
  std::string missing;
  for (const InputRequest& input : inputs) {
    const std::string_view capability = capability_for(input.method);
    if (declared(origin_.client, input.method) || capability.empty()) continue;
    missing += missing.empty() ? "{\"" : ",\"";
    missing += capability;
    missing += "\":{}";
  }
  if (!missing.empty()) {
    return error(ErrorCode::missing_client_capability,
                 "This needs a capability that the client has not declared.",
                 "{\"requiredCapabilities\":" + missing + "}}");
  }
  if (inputs.empty() || !input_allowed_) {
    return error(ErrorCode::internal, "The server cannot ask for input here.", {});
  }
  if (origin_.era == Era::modern) return ask_in_result(inputs, state);
  parked_.reset();
  ask_by_requests(std::move(inputs), state);
}

void RunningCall::ask_in_result(const std::vector<InputRequest>& inputs, std::string_view state) {
  std::string message;
  append_input_required(message, *this, inputs, seal_state(sealed_to_, state));
  answer(message, std::nullopt);
}

void RunningCall::ask_by_requests(std::vector<InputRequest> inputs, std::string_view state) {
  if (kept_request_.empty()) kept_request_ = request_text_;
  auto inquiry = std::make_unique<Inquiry>();
  inquiry->state = state;
  inquiry->missing = inputs.size();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::string id = origin_.session->add_question(origin_.loop, weak_from_this(), i);
    inquiry->questions.push_back({std::move(inputs[i].key), std::move(id), {}});
  }
  inquiry_ = std::move(inquiry);
  for (std::size_t i = 0; i < inputs.size() && inquiry_; ++i) {
    std::string message;
    append_request(message, inquiry_->questions[i].id, inputs[i].method, inputs[i].params);
    if (!send_note(message, Note::lasting)) {
      return error(ErrorCode::server_error,
                   "This call asks the client something on the way, and needs a stream for it: "
                   "accept text/event-stream.",
                   {});
    }
  }
}

void RunningCall::input_arrived(std::size_t index, std::optional<std::string> result,
                                std::string_view error_message) {
  if (!open() || !inquiry_) return;
  const auto self = shared_from_this();
  Inquiry::Question& question = inquiry_->questions[index];
  if (!result) {
    std::string message = "The client could not answer \"" + question.key + "\": ";
    message += error_message;
    return error(ErrorCode::server_error, message, {});
  }
  if (!question.answer.empty()) return;
  question.answer = *std::move(result);
  if (--inquiry_->missing > 0) return;

  const std::unique_ptr<Inquiry> done = std::move(inquiry_);
  std::string inputs;
  JsonWriter json(inputs);
  json.begin_object();
  for (const auto& answered_question : done->questions) {
    std::string key;
    append_json_string(key, answered_question.key);
    json.key(std::string_view(key).substr(1, key.size() - 2)).raw(answered_question.answer);
  }
  json.end_object();
  // Taken out while it runs; it may ask again.
  const std::string request = std::move(kept_request_);
  kept_request_ = {};
  dispatch_again(request, inputs, done->state, self);
}

void RunningCall::progress(double progress, double total, std::string_view message) {
  if (!open() || progress_token_.empty() || progress <= last_progress_) return;
  own_progress_ = true;
  last_progress_ = progress;
  std::string params = "{\"progressToken\":" + progress_token_ + ",";
  JsonWriter json(params);
  json.field("progress", progress);
  if (total > 0) json.field("total", total);
  if (!message.empty()) json.field("message", message);
  json.end_object();
  std::string note;
  append_notification(note, "notifications/progress", params);
  send_note(note, Note::lasting);
}

bool RunningCall::heartbeat(Millis waited) {
  if (!open() || progress_token_.empty() || own_progress_) return false;
  const std::int64_t seconds = waited / kSecond;
  if (static_cast<double>(seconds) <= last_progress_) return false;
  last_progress_ = static_cast<double>(seconds);
  std::string params = "{\"progressToken\":" + progress_token_ + ",";
  JsonWriter json(params);
  json.field("progress", seconds);
  json.field("message", "Still waiting.");
  json.end_object();
  std::string note;
  append_notification(note, "notifications/progress", params);
  return send_note(note, Note::passing);
}

void RunningCall::log(LogLevel level, std::string_view logger, std::string_view data_json) {
  if (!open()) return;
  const std::optional<LogLevel> wanted =
      origin_.session ? std::optional(origin_.session->log_level()) : origin_.log_level;
  if (!wanted || level < *wanted) return;
  std::string params;
  JsonWriter json(params);
  json.begin_object();
  json.field("level", to_string(level));
  if (!logger.empty()) json.field("logger", logger);
  json.key("data").raw(data_json.empty() ? "null" : data_json);
  json.end_object();
  std::string note;
  append_notification(note, "notifications/message", params);
  send_note(note, Note::lasting);
}

}  // namespace rogerthat::mcp
