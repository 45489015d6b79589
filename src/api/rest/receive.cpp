#include "api/rest/receive.h"

#include <algorithm>

#include "api/access/auth.h"
#include "api/rest/poll_receiver.h"
#include "api/rest/stream_receiver.h"

namespace rogerthat::api {

namespace {

struct PollQuery {
  hub::ChannelEntry* entry = nullptr;
  hub::ReceiveRequest request;
};

Result<PollQuery> read_reception(Call& call, core::ReaderKind kind) {
  const auto found = authorised_channel(call);
  if (!found) return std::unexpected(found.error());
  PollQuery out;
  out.entry = *found;
  out.request.kind = kind;
  const auto since = read_since(call);
  if (!since) return std::unexpected(since.error());
  out.request.since = *since;
  const auto ack = id_parameter(call, "ack");
  if (!ack) return std::unexpected(ack.error());
  out.request.ack = *ack;
  const auto session = required_session(call, *out.entry);
  if (!session) return std::unexpected(session.error());
  out.request.session = *session;
  return out;
}

void poll(Call& call, PollForm form, Millis fallback, Millis max) {
  auto reception = read_reception(call, core::ReaderKind::poll);
  if (!reception) return call.answer.error(reception.error());
  const auto timeout = read_timeout(call, fallback, max);
  if (!timeout) return call.answer.error(timeout.error());
  reception->request.timeout = *timeout;
  PollReceiver::start(std::move(call.answer), call.shard, *reception->entry, reception->request,
                      form, call.request.secure);
}

}  // namespace

// Last-Event-ID goes before `since`: a browser that reconnects repeats the old URL.
Result<std::optional<core::MessageId>> read_since(const Call& call) {
  const std::string_view last = call.headers.last_event_id;
  if (last.empty()) return id_parameter(call, "since");
  const auto id = parse_id(last);
  if (!id) {
    return fail(ErrorCode::invalid, "Last-Event-ID must be the id of a message.",
                "Leave it out to go on from the cursor.");
  }
  return id;
}

Result<Millis> read_timeout(const Call& call, Millis fallback, Millis max) {
  const auto seconds = number_parameter(call, "timeout");
  if (!seconds) return std::unexpected(seconds.error());
  const auto text = *seconds ? call.request.query_parameter("timeout") : std::nullopt;
  if (!text || text->empty()) return fallback;
  if (**seconds < 0) {
    return fail(ErrorCode::invalid, "timeout must be 0 or more seconds.",
                "0 answers at once, larger values are capped.");
  }
  const double capped = std::min(**seconds, static_cast<double>(max) / kSecond);
  return static_cast<Millis>(capped * kSecond);
}

void listen(Call& call) {
  poll(call, PollForm::listen, core::kListenTimeoutDefault, core::kListenTimeoutMax);
}

void wait(Call& call) {
  poll(call, PollForm::wait, core::kWaitTimeoutDefault, core::kWaitTimeoutMax);
}

void stream(Call& call) {
  auto reception = read_reception(call, core::ReaderKind::stream);
  if (!reception) return call.answer.error(reception.error());
  const auto presence = call.request.query_parameter("presence");
  reception->request.presence = presence && (*presence == "1" || *presence == "true");
  StreamReceiver::start(std::move(call.answer), call.shard, *reception->entry, reception->request);
}

}  // namespace rogerthat::api
