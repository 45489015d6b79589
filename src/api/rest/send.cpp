#include "api/rest/send.h"

#include "api/access/auth.h"
#include "api/acts/sending.h"
#include "api/http/unknown_fields.h"
#include "hub/message_json.h"

namespace rogerthat::api {

namespace {

// Watches the connection of a sender that awaits what becomes of its message: when it goes, nobody
// is left to wait.
class AwaitWatch final : public net::Parked {
 public:
  AwaitWatch(hub::Shard& shard, hub::ChannelHandle channel, hub::AwaitId id)
      : shard_(shard), channel_(channel), id_(id) {}
  void peer_half_closed() override { shard_.give_up_await(channel_, id_); }
  void closed(bool) override { shard_.give_up_await(channel_, id_); }

 private:
  hub::Shard& shard_;
  hub::ChannelHandle channel_;
  hub::AwaitId id_;
};

void watch_await(Call& call, const hub::ChannelEntry& entry, hub::SendRequest& request) {
  request.await_id = call.shard.new_await();
  call.answer.exchange().park(
      std::make_unique<AwaitWatch>(call.shard, entry.handle, request.await_id));
}

}  // namespace

void send(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) {
    call.answer.set_limit(send_limit(asker(call), hub::Limited::send, Counting::look));
    return call.answer.error(found.error());
  }
  hub::ChannelEntry& entry = **found;
  const hub::Limited what = limit_of_sends(entry);
  const hub::LimitState limit = send_limit(asker(call), what, Counting::take);
  call.answer.set_limit(limit);
  if (!limit.allowed) return call.answer.error(limit_error(what, limit));

  FieldReader reader;
  SendFields fields;
  SendInput input;
  auto read = read_body(call, reader, part(send_fields(), fields));
  if (read) read = read_send(reader, fields, input);
  if (!read) return call.answer.error(read.error());
  const auto session = required_session(call, entry);
  if (!session) return call.answer.error(session.error());
  input.request.command.session = *session;
  if (input.request.await != hub::AwaitFor::nothing) watch_await(call, entry, input.request);

  hub::Shard& shard = call.shard;
  shard.send(entry, std::move(input.request),
             [answer = std::move(call.answer), &shard,
              handle = entry.handle](Result<hub::SendReply> reply) mutable {
               if (!reply) return answer.error(reply.error());
               const hub::ChannelEntry* const sent_on =
                   reply->reply == nullptr ? nullptr : shard.find(handle);
               std::string& body = scratch();
               write_send_answer(body, *reply, sent_on == nullptr ? nullptr : &sent_on->channel);
               answer.json(body);
             });
}

}  // namespace rogerthat::api
