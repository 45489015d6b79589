#include "mcp/batch.h"

#include <utility>

#include "mcp/dispatch.h"
#include "mcp/http_answer.h"

namespace rogerthat::mcp {

class Batch::Member final : public RunningCall {
 public:
  Member(std::shared_ptr<Batch> batch, CallOrigin origin, std::string id)
      : RunningCall(std::move(origin), std::move(id)), batch_(std::move(batch)) {}

  void stream_now() override {}
  bool acknowledged() const override {
    return batch_ && batch_->replied_ && batch_->exchange_.acknowledged();
  }
  void let_go() { batch_ = nullptr; }

 private:
  void send_answer(std::string_view message, std::optional<ErrorCode>) override {
    if (batch_) batch_->answered(message);
  }
  bool send_note(std::string_view, Note) override { return false; }
  void end_unanswered() override {
    if (batch_) batch_->answered({});
  }

  std::shared_ptr<Batch> batch_;
};

class Batch::Watcher final : public net::Parked {
 public:
  explicit Watcher(std::shared_ptr<Batch> batch) : batch_(std::move(batch)) {}
  void peer_half_closed() override { batch_->half_closed(); }
  void next_request() override { batch_->next_request(); }
  void closed(bool acknowledged) override { batch_->closed(acknowledged); }

 private:
  const std::shared_ptr<Batch> batch_;
};

Batch::Batch(HttpShard& shard, net::Exchange exchange)
    : shard_(shard), exchange_(std::move(exchange)) {}

Batch::~Batch() = default;

void Batch::run(HttpShard& shard, const CallOrigin& origin,
                const std::vector<std::string>& messages, net::Exchange exchange) {
  const auto batch = std::make_shared<Batch>(shard, std::move(exchange));
  for (const std::string& text : messages) batch->start(origin, text);
  batch->all_started();
}

void Batch::start(const CallOrigin& origin, const std::string& text) {
  const auto message = parse_message(text);
  if (!message) {
    std::string error;
    append_error(error, message.error().id, message.error().code, message.error().message);
    ++missing_;
    return answered(error);
  }
  switch (message->kind) {
    case Message::Kind::notification:
      return take_notification(*origin.session, *message);
    case Message::Kind::response:
      return take_response(*origin.session, *message);
    case Message::Kind::request:
      break;
  }
  ++missing_;
  const auto member = std::make_shared<Member>(shared_from_this(), origin, message->id);
  members_.push_back(member);
  Request request = describe_request(origin, *message);
  const auto home = origin.application->home(request);
  if (home && *home != origin.shard) {
    return member->error(ErrorCode::server_error,
                         "This request cannot run with the others of its batch: send it alone.",
                         {});
  }
  dispatch(std::move(request), text, member);
}

void Batch::all_started() {
  started_ = true;
  if (!members_.empty()) exchange_.park(std::make_unique<Watcher>(shared_from_this()));
  reply_when_complete();
}

void Batch::answered(std::string_view message) {
  if (!message.empty()) {
    if (answers_.size() > 1) answers_ += ',';
    answers_ += message;
  }
  --missing_;
  reply_when_complete();
}

void Batch::reply_when_complete() {
  if (!started_ || missing_ > 0 || std::exchange(replied_, true)) return;
  if (answers_.size() == 1) return answer_empty(shard_, exchange_, 202);
  answers_ += ']';
  answer_message(shard_, exchange_, 200, answers_);
  answers_ = {};
}

void Batch::half_closed() {
  const auto members = members_;
  for (const auto& member : members) {
    member->refuse(ErrorCode::server_error,
                   "The connection was closed on your side while this call was waiting: it was "
                   "cancelled.");
  }
}

void Batch::next_request() {
  for (const auto& member : std::exchange(members_, {})) {
    member->handed_over(true);
    member->let_go();
  }
}

void Batch::closed(bool acknowledged) {
  const bool arrived = replied_ && acknowledged;
  replied_ = true;  // nobody is left to reply to
  for (const auto& member : std::exchange(members_, {})) {
    if (member->open()) {
      member->cancel();
    } else if (arrived) {
      member->handed_over(false);
    } else {
      member->lost();
    }
    member->let_go();
  }
}

}  // namespace rogerthat::mcp
