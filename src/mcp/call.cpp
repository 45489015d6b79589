#include "mcp/call.h"

#include <utility>

#include "mcp/running_call.h"

namespace rogerthat::mcp {

namespace {
constexpr std::string_view kUnanswered = "The server dropped this request without an answer.";
}

Reply::Reply(std::shared_ptr<RunningCall> running) : running_(std::move(running)) {}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this == &other) return *this;
  if (running_) running_->error(ErrorCode::internal, kUnanswered, {});
  running_ = std::move(other.running_);
  return *this;
}

Reply::~Reply() {
  if (running_) running_->error(ErrorCode::internal, kUnanswered, {});
}

bool Reply::open() const {
  return running_ && running_->open();
}

void Reply::result(std::string_view fields) {
  if (running_) running_->result(fields);
}

void Reply::error(ErrorCode code, std::string_view message, std::string_view data_json) {
  if (running_) running_->error(code, message, data_json);
}

// From here on the protocol has the call: this is no longer the right to answer.
void Reply::need_input(std::vector<InputRequest> inputs, std::string_view state) {
  if (const auto running = std::exchange(running_, nullptr)) {
    running->need_input(std::move(inputs), state);
  }
}

void Reply::stream_now() {
  if (open()) running_->stream_now();
}

void Reply::progress(double progress, double total, std::string_view message) {
  if (open()) running_->progress(progress, total, message);
}

void Reply::log(LogLevel level, std::string_view logger, std::string_view data_json) {
  if (open()) running_->log(level, logger, data_json);
}

void Reply::park(std::unique_ptr<ReplyFate> parked) {
  if (running_) return running_->park(std::move(parked));
  parked->cancelled();
}

bool Reply::acknowledged() const {
  return running_ && running_->acknowledged();
}

void Reply::expedite() {
  if (running_) running_->expedite();
}

bool Reply::connected() const {
  return running_ && running_->connected();
}

void Reply::drop_connection() {
  if (open()) running_->drop_connection();
}

}  // namespace rogerthat::mcp
