// The tools listen and wait.
#include <algorithm>

#include <fmt/format.h>

#include "api/access/banned.h"
#include "api/acts/receive_json.h"
#include "api/http/body.h"
#include "api/tools/handlers.h"
#include "api/tools/receiver.h"
#include "api/tools/result.h"
#include "api/tools/text.h"

namespace rogerthat::api {

namespace {

struct Reception {
  hub::ReceiveRequest request;
  bool include_attachments = false;
};

Result<Reception> read_reception(const std::optional<JsonValue>& arguments, Millis fallback,
                                 Millis max) {
  std::optional<double> seconds;
  std::optional<std::int64_t> since, ack;
  std::optional<bool> attachments;
  FieldReader reader;
  reader.read_from(arguments, "timeout_seconds", seconds);
  reader.read_from(arguments, "since", since);
  reader.read_from(arguments, "ack", ack);
  reader.read_from(arguments, "include_attachments", attachments);
  const auto check_id = [&](std::string_view name, std::optional<std::int64_t> id) {
    if (id && *id < 0) reader.complain(fmt::format("{} must be the id of a message.", name));
  };
  check_id("since", since);
  check_id("ack", ack);
  if (seconds && *seconds < 0) {
    reader.complain("timeout_seconds must be 0 or more; larger values are capped.");
  }
  if (reader.error()) return std::unexpected(*reader.error());

  Reception out;
  out.request.since = since;
  out.request.ack = ack;
  out.include_attachments = attachments.value_or(false);
  out.request.timeout = fallback;
  if (seconds) {
    const double capped = std::min(*seconds, static_cast<double>(max) / kSecond);
    out.request.timeout = static_cast<Millis>(capped * kSecond);
  }
  return out;
}

class PollCall final : public CallReceiver {
 public:
  PollCall(ToolCall& call, const Target& target, PollForm form, const Reception& reception)
      : CallReceiver(std::move(call.call), call.shard),
        bindings_(call.bindings),
        channel_(target.entry->handle),
        session_(target.session),
        timeout_(reception.request.timeout),
        form_(form),
        include_attachments_(reception.include_attachments) {}

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
  ToolResult result;
  result.text = received_text(channel, delivery.pending, session_, warning);
  JsonWriter json(result.structured);
  write_received(json, channel, delivery.pending, form_, warning, Attached::named);
  if (include_attachments_) {
    add_attachments(result, delivery.entry.record.id, delivery.pending.messages);
  }
  if (bindings_) bindings_->tell(delivery.entry.record.id, delivery.pending.through);
  result.send(call_);
  return true;
}

void PollCall::end(hub::EndReason reason) {
  if (const auto error = ended_by_operator(reason)) return send_error(call_, *error);
  const hub::ChannelEntry* const entry = shard_.find(channel_);
  ToolResult result;
  result.text = nothing_text(reason, timeout_);
  JsonWriter json(result.structured);
  write_nothing_received(json, entry == nullptr ? nullptr : &entry->channel, form_);
  result.send(call_);
}

void receive(ToolCall& call, PollForm form, Millis fallback, Millis max) {
  const auto reception = read_reception(call.arguments, fallback, max);
  if (failed(call.call, reception)) return;
  const auto target = find_target(call, Need::session);
  if (failed(call.call, target)) return;
  hub::ReceiveRequest request = reception->request;
  request.session = target->session;
  CallReceiver::start(std::make_unique<PollCall>(call, *target, form, *reception), *target->entry,
                      request);
}

}  // namespace

void tool_listen(ToolCall& call) {
  receive(call, PollForm::listen, core::kListenTimeoutDefault, core::kListenTimeoutMax);
}

void tool_wait(ToolCall& call) {
  receive(call, PollForm::wait, core::kToolWaitDefault, core::kWaitTimeoutMax);
}

}  // namespace rogerthat::api
