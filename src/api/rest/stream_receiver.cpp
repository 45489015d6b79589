#include "api/rest/stream_receiver.h"

#include <utility>

#include <fmt/format.h>

#include "api/acts/receive_json.h"
#include "api/http/request_context.h"
#include "hub/message_json.h"

namespace rogerthat::api {

namespace {

constexpr Millis kReconnectSpread = 5 * kSecond;

std::string message_events(const hub::Delivery& delivery) {
  const core::Channel& channel = delivery.entry.channel;
  std::string events;
  std::string data;
  if (delivery.pending.gap) {
    JsonWriter json(data);
    hub::write_gap(json, *delivery.pending.gap);
    events += net::sse_event("gap", data);
  }
  for (const core::Message* message : delivery.pending.messages) {
    data.clear();
    JsonWriter json(data);
    hub::write_message(json, channel, *message);
    events += net::sse_event("message", data, fmt::format_int(message->id).str());
  }
  return events;
}

std::string_view reason_name(hub::EndReason reason) {
  switch (reason) {
    case hub::EndReason::timed_out:
      return "timed_out";
    case hub::EndReason::superseded:
    case hub::EndReason::contended:
      return "superseded";
    case hub::EndReason::session_ended:
      return "session_ended";
    case hub::EndReason::draining:
      return "restarting";
    case hub::EndReason::kicked:
      return "kicked";
    case hub::EndReason::banned:
      return "banned";
    case hub::EndReason::stopped:
      return "stopped";
    case hub::EndReason::channel_closed:
      return "channel_closed";
    case hub::EndReason::too_slow:
      break;
  }
  return "too_slow";
}

std::string bye(hub::EndReason reason) {
  std::string data;
  JsonWriter json(data);
  json.begin_object();
  json.field("reason", reason_name(reason));
  if (reason == hub::EndReason::draining) {
    // Spread out, so that a restarted hub does not meet all its streams in one moment.
    json.field("reconnect_after_ms", random_source().below(kReconnectSpread));
  } else if (reason == hub::EndReason::too_slow) {
    json.field("reconnect_after_ms", std::uint64_t{0});
  }
  json.end_object();
  return data;
}

net::SharedBytes share(std::string events) {
  return std::make_shared<const std::string>(std::move(events));
}

}  // namespace

StreamReceiver::StreamReceiver(Answer answer, hub::Shard& shard, core::SessionNo session)
    : answer_(std::move(answer)), shard_(shard), session_(session) {}

void StreamReceiver::start(Answer answer, hub::Shard& shard, hub::ChannelEntry& entry,
                           const hub::ReceiveRequest& request) {
  std::unique_ptr<StreamReceiver> owned(
      new StreamReceiver(std::move(answer), shard, request.session));
  StreamReceiver& receiver = *owned;
  receiver.answer_.exchange().park(std::move(owned));
  receiver.answer_.open_stream();
  receiver.reader_ = shard.receive(entry, request, receiver);
}

bool StreamReceiver::write(const net::SharedBytes& events) {
  return answer_.exchange().write(events) && answer_.exchange().unwritten() == 0;
}

void StreamReceiver::begins(const hub::ChannelEntry& entry, std::size_t backlog) {
  const core::Channel& channel = entry.channel;
  const bool on_channel = !entry.record.options.inbox;
  std::string data;
  JsonWriter json(data);
  json.begin_object();
  if (on_channel) json.field("channel_id", entry.record.id);
  json.field("callsign", channel.callsign_of(channel.session(session_).member));
  if (on_channel) {
    json.key("roster");
    hub::write_roster(json, channel, core::kRosterShown);
    json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  }
  json.field("backlog_count", static_cast<std::uint64_t>(backlog));
  answer_.write_ignored(json);
  json.end_object();
  write(share(net::sse_event("hello", data)));
}

bool StreamReceiver::deliver(const hub::Delivery& delivery) {
  const bool looping = delivery.entry.channel.loop_warning(session_, shard_.now());
  if (looping && !loop_warned_) {
    std::string data;
    JsonWriter json(data);
    json.begin_object().field("loop_warning", kLoopWarning).end_object();
    answer_.exchange().write(share(net::sse_event("loop_warning", data)));
  }
  loop_warned_ = looping;
  if (!delivery.as_stream_events) delivery.as_stream_events = share(message_events(delivery));
  return write(delivery.as_stream_events);
}

bool StreamReceiver::announce(const hub::Presence& presence) {
  if (!presence.as_stream_event) {
    std::string data;
    JsonWriter json(data);
    json.begin_object();
    json.field("event", presence.joined ? "join" : "leave");
    json.field("callsign", presence.callsign);
    json.end_object();
    presence.as_stream_event = share(net::sse_event("presence", data));
  }
  return write(presence.as_stream_event);
}

void StreamReceiver::ping() {
  static const net::SharedBytes kPing = share(net::http_chunk(": ping\n\n"));
  answer_.exchange().write(kPing);
}

void StreamReceiver::end(hub::EndReason reason) {
  answer_.exchange().write(share(net::sse_event("bye", bye(reason))));
  answer_.exchange().finish();
}

// A reader of events has nothing more to send, and none that we know stops half-way: it has gone.
void StreamReceiver::peer_half_closed() {
  if (reader_.reader != core::kNone) {
    shard_.reader_closed(std::exchange(reader_, {}), acknowledged());
  }
  answer_.exchange().finish();
}

void StreamReceiver::closed(bool acknowledged) {
  if (reader_.reader != core::kNone) shard_.reader_closed(reader_, acknowledged);
}

void StreamReceiver::drained() {
  if (reader_.reader != core::kNone) shard_.reader_drained(reader_);
}

}  // namespace rogerthat::api
