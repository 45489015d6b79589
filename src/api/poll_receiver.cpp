#include "api/poll_receiver.h"

#include <utility>

#include "api/connect.h"
#include "api/message_json.h"
#include "api/request_context.h"
#include "net/server.h"

namespace rogerthat::api {

namespace {

constexpr std::string_view kNothing = "{\"messages\":[],\"timed_out\":true}";

void write_wait_fields(JsonWriter& json, const core::Channel& channel, bool timed_out) {
  json.key("roster");
  write_roster(json, channel, core::kRosterShown);
  json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.field("meta_hint", meta_hint(timed_out));
}

void write_delivery(std::string& body, const hub::Delivery& delivery, PollReceiver::Form form,
                    bool loop_warning) {
  const core::Channel& channel = delivery.entry.channel;
  JsonWriter json(body);
  json.begin_object();
  json.key("messages");
  write_messages(json, channel, delivery.pending.messages);
  json.field("timed_out", false);
  if (delivery.pending.more) json.field("more", true);
  if (delivery.pending.gap) {
    json.key("gap");
    write_gap(json, *delivery.pending.gap);
  }
  if (loop_warning) json.field("loop_warning", kLoopWarning);
  if (form == PollReceiver::Form::wait) write_wait_fields(json, channel, false);
  json.end_object();
}

net::SharedBytes whole_answer(const std::string& body) {
  net::Response response;
  response.body = body;
  return std::make_shared<const std::string>(net::encode_response(response, false));
}

}  // namespace

PollReceiver::PollReceiver(Answer answer, hub::Shard& shard, const hub::ChannelEntry& entry,
                           core::SessionNo session, Form form, bool secure)
    : answer_(std::move(answer)),
      shard_(shard),
      channel_(entry.handle),
      session_(session),
      form_(form),
      secure_(secure) {}

void PollReceiver::start(Answer answer, hub::Shard& shard, hub::ChannelEntry& entry,
                         const hub::ReceiveRequest& request, Form form, bool secure) {
  std::unique_ptr<PollReceiver> owned(
      new PollReceiver(std::move(answer), shard, entry, request.session, form, secure));
  PollReceiver& receiver = *owned;
  receiver.answer_.exchange().park(std::move(owned));
  receiver.reader_ = shard.receive(entry, request, receiver);
}

bool PollReceiver::deliver(const hub::Delivery& delivery) {
  const bool warning = delivery.entry.channel.loop_warning(session_, shard_.now());
  // Of many who listen, most get the very same bytes.
  const bool same_as_others = !warning && !secure_ && answer_.plain();
  auto& encoded = form_ == Form::listen ? delivery.as_poll_answer : delivery.as_wait_answer;
  if (same_as_others && encoded) {
    answer_.shared(encoded);
    return true;
  }
  std::string& body = scratch();
  write_delivery(body, delivery, form_, warning);
  if (same_as_others) {
    encoded = whole_answer(body);
    answer_.shared(encoded);
  } else {
    answer_.json(body);
  }
  return true;
}

void PollReceiver::end(hub::EndReason) {
  answer_empty(shard_.find(channel_));
}

void PollReceiver::answer_empty(const hub::ChannelEntry* entry) {
  if (form_ == Form::listen || entry == nullptr) return answer_.json(kNothing);
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  json.key("messages").begin_array().end_array();
  json.field("timed_out", true);
  write_wait_fields(json, entry->channel, true);
  json.end_object();
  answer_.json(body);
}

// Whoever has stopped sending may have gone: the messages stay for a reader who is surely there.
void PollReceiver::peer_half_closed() {
  if (!answer_.exchange().open()) return;
  shard_.reader_closed(std::exchange(reader_, {}), false);
  answer_empty(shard_.find(channel_));
}

void PollReceiver::next_request() {
  if (reader_.reader != core::kNone) shard_.reader_next_request(reader_);
}

void PollReceiver::closed(bool acknowledged) {
  if (reader_.reader != core::kNone) shard_.reader_closed(reader_, acknowledged);
}

}  // namespace rogerthat::api
