// The tools send and ask.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/acts/receive_json.h"
#include "api/acts/sending.h"
#include "api/tools/handlers.h"
#include "api/tools/receiver.h"
#include "api/tools/result.h"
#include "api/tools/text.h"
#include "hub/message_json.h"

namespace rogerthat::api {

namespace {

std::string sent_text(const hub::SendReply& reply) {
  std::string out;
  if (reply.duplicate) {
    out =
        fmt::format("Already sent as #{} to {}; nothing was delivered twice.", reply.id, reply.to);
  } else if (const std::string hint = hint_of_sent(reply); !hint.empty()) {
    const bool status = reply.kind == core::Kind::status;
    out = status ? hint : fmt::format("Sent #{} to {}. {}", reply.id, reply.to, hint);
  } else if (reply.kind == core::Kind::status) {
    out = fmt::format("Status shown to {} listening now.", reply.reached);
  } else if (reply.to == "all") {
    out = fmt::format("Sent #{} to all; {} listening now, others get it when they receive.",
                      reply.id, reply.reached);
  } else {
    out = fmt::format("Sent #{} to {}, who is listening.", reply.id, reply.to);
  }
  if (reply.loop_warning) {
    out += '\n';
    out += kLoopWarning;
  }
  return out;
}

// What both have in common: the caller's place on the channel, the limit, the fields of a send.
struct Sending {
  FieldReader reader;
  Handles handles;
  SendFields fields;
  Target target;
  SendInput input;
};

Result<void> prepare(const ToolCall& call, Sending& sending) {
  const auto target = find_target(call, sending.handles, Need::session);
  if (!target) return std::unexpected(target.error());
  sending.target = *target;
  const hub::Limited what = limit_of_sends(*target->entry);
  const hub::LimitState limit = send_limit(call.asker(), what, Counting::take);
  if (!limit.allowed) return std::unexpected(limit_error(what, limit));
  if (auto ok = read_send(sending.reader, sending.fields, sending.input); !ok) return ok;
  sending.input.request.command.session = target->session;
  return {};
}

// ----------------------------------------------------------------------------------------------
// ask

// While the answer is awaited. Once somebody has gone, nobody waits any more.
class Asking final : public mcp::ReplyFate {
 public:
  Asking(hub::Shard& shard, hub::ChannelHandle channel, hub::AwaitId id)
      : shard_(shard), channel_(channel), id_(id) {}
  void cancelled() override { shard_.give_up_await(channel_, id_); }

 private:
  hub::Shard& shard_;
  hub::ChannelHandle channel_;
  hub::AwaitId id_;
};

struct Question {
  mcp::Reply reply;
  const Services& services;
  hub::Shard& shard;
  std::shared_ptr<Bindings> bindings;
  hub::ChannelHandle channel;
  std::string session_id;
  hub::SendReply sent;
  core::MessageId answer = 0;
};

// `answer` null: there is none.
ToolResult question_result(const Question& question, const core::Channel* channel,
                           core::MemberNo viewer, const core::Message* answer) {
  ToolResult result;
  hub::SendReply sent = question.sent;
  sent.reply = answer;
  write_send_answer(result.structured, sent, channel, hub::Attached::named);
  if (answer != nullptr) append_message(result.text, *channel, *answer, viewer);
  return result;
}

// The answer is all that waits: it is received, as by a listen, and does not come again.
class AnswerReceiver final : public CallReceiver {
 public:
  explicit AnswerReceiver(Question& question)
      : CallReceiver(std::move(question.reply), question.shard), question_(std::move(question)) {}

  bool deliver(const hub::Delivery& delivery) override {
    const core::Channel& channel = delivery.entry.channel;
    const auto session = channel.find_session(question_.session_id, shard_.now());
    const core::MemberNo viewer =
        session ? channel.session(*session).member : core::MemberNo{core::kNone};
    ToolResult result =
        question_result(question_, &channel, viewer, delivery.pending.messages.front());
    if (session) {
      result.text.insert(0, fmt::format("{}\n", whose_words(channel.posture(*session))));
    }
    result.text.pop_back();
    if (question_.bindings) {
      question_.bindings->tell(delivery.entry.record.id, delivery.pending.through);
    }
    result.send(reply_);
    return true;
  }
  void end(hub::EndReason) override {
    send_error(reply_, {ErrorCode::unavailable, "The answer came, but could not be fetched.",
                        "Call listen: it is there."});
  }

 private:
  Question question_;
};

void answer_without_reply(Question& question) {
  const hub::SendReply& sent = question.sent;
  ToolResult result = question_result(question, nullptr, core::kNone, nullptr);
  if (sent.await_conflict) {
    result.text = fmt::format(
        "Sent #{}, but {} is waiting for your answer itself: answer its question first, then wait.",
        sent.id, sent.to);
  } else {
    result.text = fmt::format(
        "Sent #{} to {}; no answer yet{}. It comes by wait or listen; do not ask again.", sent.id,
        sent.to, sent.reach == core::Reach::away ? ", they are away" : "");
  }
  result.send(question.reply);
}

// Called after the hub has told of the reply, when the channel may be touched again.
void fetch_answer(Question& question) {
  if (!question.reply.open()) return;
  hub::ChannelEntry* const entry = question.shard.find(question.channel);
  if (entry == nullptr) return answer_without_reply(question);
  const core::Channel& channel = entry->channel;
  const auto session = channel.find_session(question.session_id, question.shard.now());
  const core::Message* const answer = channel.find_message(question.answer);
  if (!session || answer == nullptr) return answer_without_reply(question);

  const core::MemberNo viewer = channel.session(*session).member;
  question.shard.settle(*entry, viewer);
  const core::Pending pending = channel.pending(viewer, channel.cursor(*session), false);
  const bool alone = pending.messages.size() == 1 && pending.messages.front() == answer &&
                     !pending.gap && !pending.more;
  if (alone) {
    hub::ReceiveRequest request;
    request.session = *session;
    return CallReceiver::start(std::make_unique<AnswerReceiver>(question), *entry, request);
  }
  ToolResult result = question_result(question, &channel, viewer, answer);
  result.text.insert(0, fmt::format("{}\n", whose_words(channel.posture(*session))));
  result.text += pending.messages.empty()
                     ? "It was brought by another receive of yours, too."
                     : "Other messages wait, and this one comes again with them: call listen.";
  result.send(question.reply);
}

void question_done(const std::shared_ptr<Question>& question, Result<hub::SendReply> reply) {
  if (failed(question->reply, reply)) return;
  question->sent = std::move(*reply);
  const core::Message* const answer = std::exchange(question->sent.reply, nullptr);
  if (answer == nullptr) return answer_without_reply(*question);
  question->answer = answer->id;
  // The hub is in the middle of telling everybody of this message.
  question->services.hub.post(question->shard.number(), [question] { fetch_answer(*question); });
}

struct PatienceFields {
  std::optional<double> timeout_seconds;
  std::optional<bool> patient;
};
constexpr Field<PatienceFields> kPatienceReads[] = {
    {"timeout_seconds", read_member<&PatienceFields::timeout_seconds>},
    {"patient", read_member<&PatienceFields::patient>},
};

Result<Millis> read_patience(const ToolCall& call, const PatienceFields& in) {
  const auto seconds = in.timeout_seconds;
  if (!seconds) return core::kToolWaitDefault;
  if (!(*seconds > 0)) return fail(ErrorCode::invalid, "timeout_seconds must be above 0.");
  return time_for(call, *seconds, in.patient.value_or(false), core::kWaitTimeoutMax);
}

}  // namespace

void tool_send(ToolCall& call) {
  Sending sending;
  auto ready = read_arguments(call, sending.reader, sending.handles,
                              part(send_fields_but_await(), sending.fields));
  if (ready) ready = prepare(call, sending);
  if (failed(call.reply, ready)) return;
  call.shard.send(*sending.target.entry, std::move(sending.input.request),
                  [answer = std::move(call.reply)](Result<hub::SendReply> reply) mutable {
                    if (failed(answer, reply)) return;
                    ToolResult result;
                    result.text = sent_text(*reply);
                    write_send_answer(result.structured, *reply, nullptr);
                    result.send(answer);
                  });
}

void tool_ask(ToolCall& call) {
  Sending sending;
  PatienceFields given;
  auto ready = read_arguments(call, sending.reader, sending.handles, part(kPatienceReads, given),
                              part(send_fields_but_await(), sending.fields));
  if (failed(call.reply, ready)) return;
  const auto patience = read_patience(call, given);
  if (failed(call.reply, patience)) return;
  if (failed(call.reply, prepare(call, sending))) return;
  hub::ChannelEntry& entry = *sending.target.entry;
  hub::SendRequest& request = sending.input.request;
  if (request.command.kind == core::Kind::status) {
    return send_error(call.reply, {ErrorCode::invalid, "A status cannot be answered.",
                                   "Leave kind out, or use send."});
  }
  request.await_id = call.shard.new_await();
  request.await = hub::AwaitFor::reply;
  request.await_time = *patience;

  const auto question = std::make_shared<Question>(
      std::move(call.reply), call.services, call.shard, call.bindings, entry.handle,
      entry.channel.session(sending.target.session).id, hub::SendReply());
  question->reply.park(std::make_unique<Asking>(call.shard, entry.handle, request.await_id));
  call.shard.send(entry, std::move(request), [question](Result<hub::SendReply> reply) {
    question_done(question, std::move(reply));
  });
  if (question->reply.open()) question->reply.stream_now();
}

}  // namespace rogerthat::api
