#include "api/rest/poll_receiver.h"

#include <utility>

#include "api/access/banned.h"
#include "api/http/request_context.h"
#include "net/server.h"

namespace rogerthat::api {

namespace {

net::SharedBytes whole_answer(const std::string& body) {
  net::Response response;
  response.body = body;
  return std::make_shared<const std::string>(net::encode_response(response, false));
}

}  // namespace

PollReceiver::PollReceiver(Answer answer, hub::Shard& shard, const hub::ChannelEntry& entry,
                           core::SessionNo session, PollForm form, bool secure)
    : answer_(std::move(answer)),
      shard_(shard),
      channel_(entry.handle),
      session_(session),
      form_(form),
      secure_(secure) {}

void PollReceiver::start(Answer answer, hub::Shard& shard, hub::ChannelEntry& entry,
                         const hub::ReceiveRequest& request, PollForm form, bool secure) {
  std::unique_ptr<PollReceiver> owned(
      new PollReceiver(std::move(answer), shard, entry, request.session, form, secure));
  PollReceiver& receiver = *owned;
  receiver.answer_.exchange().park(std::move(owned));
  receiver.reader_ = shard.receive(entry, request, receiver);
}

bool PollReceiver::deliver(const hub::Delivery& delivery) {
  const bool warning = delivery.entry.channel.loop_warning(session_, shard_.now());
  if (delivery.entry.channel.pools(session_)) answer_.exchange().expedite();
  // Of many who listen, most get the very same bytes.
  const bool same_as_others = !warning && !secure_ && answer_.plain() && form_ != PollForm::inbox;
  auto& encoded = form_ == PollForm::listen ? delivery.as_poll_answer : delivery.as_wait_answer;
  if (same_as_others && encoded) {
    answer_.shared(encoded);
    return true;
  }
  std::string& body = scratch();
  JsonWriter json(body);
  write_received(json, delivery.entry.channel, delivery.pending, form_, warning);
  if (same_as_others) {
    encoded = whole_answer(body);
    answer_.shared(encoded);
  } else {
    answer_.json(body);
  }
  return true;
}

void PollReceiver::end(hub::EndReason reason) {
  if (const auto error = ended_by_operator(reason)) return answer_.error(*error);
  answer_empty(reason);
}

void PollReceiver::answer_empty(hub::EndReason reason) {
  const hub::ChannelEntry* const entry = shard_.find(channel_);
  std::string& body = scratch();
  JsonWriter json(body);
  write_nothing_received(json, entry == nullptr ? nullptr : &entry->channel, form_, reason);
  answer_.json(body);
}

// Whoever has stopped sending may have gone: the messages stay for a reader who is surely there.
void PollReceiver::peer_half_closed() {
  if (!answer_.exchange().open()) return;
  shard_.reader_closed(std::exchange(reader_, {}), false);
  answer_empty(hub::EndReason::timed_out);
}

void PollReceiver::next_request() {
  if (reader_.reader != core::kNone) shard_.reader_next_request(reader_);
}

void PollReceiver::closed(bool acknowledged) {
  if (reader_.reader != core::kNone) shard_.reader_closed(reader_, acknowledged);
}

}  // namespace rogerthat::api
