// The tools listen and wait.
#include <algorithm>

#include "api/access/banned.h"
#include "api/acts/receive_json.h"
#include "api/tools/handlers.h"
#include "api/tools/receiver.h"
#include "api/tools/result.h"
#include "api/tools/text.h"

namespace rogerthat::api {

namespace {

struct ReceiveFields {
  std::optional<double> timeout_seconds;
  std::optional<std::int64_t> since;
  std::optional<bool> include_attachments, patient;
};
constexpr Field<ReceiveFields> kReceiveReads[] = {
    {"timeout_seconds", read_member<&ReceiveFields::timeout_seconds>},
    {"since", read_member<&ReceiveFields::since>},
    {"include_attachments", read_member<&ReceiveFields::include_attachments>},
    {"patient", read_member<&ReceiveFields::patient>},
};

Result<hub::ReceiveRequest> read_tool_reception(const ToolCall& call, const ReceiveFields& in,
                                                const Handles& handles, Millis fallback,
                                                Millis max) {
  const auto is_id = [](std::optional<std::int64_t> id) { return !id || *id >= 0; };
  if (!is_id(in.since)) return fail(ErrorCode::invalid, "since must be the id of a message.");
  if (!is_id(handles.ack)) return fail(ErrorCode::invalid, "ack must be the id of a message.");
  if (in.timeout_seconds && *in.timeout_seconds < 0) {
    return fail(ErrorCode::invalid, "timeout_seconds must be 0 or more; larger values are capped.");
  }
  hub::ReceiveRequest out;
  out.since = in.since;
  out.ack = handles.ack;
  out.timeout = in.timeout_seconds
                    ? time_for(call, *in.timeout_seconds, in.patient.value_or(false), max)
                    : fallback;
  return out;
}

class PollCall final : public CallReceiver {
 public:
  PollCall(ToolCall& call, const Target& target, PollForm form, Millis timeout,
           bool include_attachments)
      : CallReceiver(std::move(call.reply), call.shard),
        bindings_(call.bindings),
        channel_(target.entry->handle),
        session_(target.session),
        timeout_(timeout),
        form_(form),
        include_attachments_(include_attachments) {}

  bool deliver(const hub::Delivery& delivery) override;
  void end(hub::EndReason reason) override;

 private:
  const std::shared_ptr<Bindings> bindings_;
  const hub::ChannelHandle channel_;
  const core::SessionNo session_;
  const Millis timeout_;
  const PollForm form_;
  const bool include_attachments_;
};

bool PollCall::deliver(const hub::Delivery& delivery) {
  const core::Channel& channel = delivery.entry.channel;
  const bool warning = channel.loop_warning(session_, shard_.now());
  if (channel.pools(session_)) reply_.expedite();
  ToolResult result;
  result.text = received_text(channel, delivery.pending, session_, warning);
  JsonWriter json(result.structured);
  write_received(json, channel, delivery.pending, form_, warning, hub::Attached::named);
  if (include_attachments_) {
    add_attachments(result, delivery.entry.record.id, delivery.pending.messages);
  }
  if (bindings_) bindings_->tell(delivery.entry.record.id, delivery.pending.through);
  result.send(reply_);
  return true;
}

void PollCall::end(hub::EndReason reason) {
  if (const auto error = ended_by_operator(reason)) return send_error(reply_, *error);
  const hub::ChannelEntry* const entry = shard_.find(channel_);
  ToolResult result;
  result.text = nothing_text(reason, timeout_);
  JsonWriter json(result.structured);
  write_nothing_received(json, entry == nullptr ? nullptr : &entry->channel, form_, reason);
  result.send(reply_);
}

void receive(ToolCall& call, PollForm form, Millis fallback, Millis max) {
  FieldReader reader;
  Handles handles;
  ReceiveFields in;
  auto read = read_arguments(call, reader, handles, part(kReceiveReads, in));
  if (failed(call.reply, read)) return;
  auto request = read_tool_reception(call, in, handles, fallback, max);
  if (failed(call.reply, request)) return;
  const auto target = find_target(call, handles, Need::session);
  if (failed(call.reply, target)) return;
  request->session = target->session;
  const bool attachments = in.include_attachments.value_or(false);
  CallReceiver::start(
      std::make_unique<PollCall>(call, *target, form, request->timeout, attachments),
      *target->entry, *request);
}

}  // namespace

void tool_listen(ToolCall& call) {
  receive(call, PollForm::listen, core::kListenTimeoutDefault, core::kListenTimeoutMax);
}

void tool_wait(ToolCall& call) {
  receive(call, PollForm::wait, core::kToolWaitDefault, core::kWaitTimeoutMax);
}

}  // namespace rogerthat::api
