#include "api/dm.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/body.h"
#include "api/inboxes.h"
#include "api/message_json.h"
#include "api/poll_receiver.h"
#include "api/receive.h"
#include "api/send.h"
#include "api/stream_receiver.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

Error no_such_handle(std::string_view handle) {
  return {ErrorCode::not_found, fmt::format("There is no identity {}.", handle),
          "Direct messages go to identities; others are reached on a channel."};
}

// What the directory says of a sender and its addressee.
enum class Way : std::uint8_t { open, blocked, nobody };
Way way_to(const Call& call, std::string_view from, std::string_view to) {
  return call.services.hub.accounts().read([&](const core::Directory& directory) {
    const core::IdentityRecord* identity = directory.find_identity(to);
    if (identity == nullptr) return Way::nobody;
    return std::ranges::binary_search(identity->blocked, from) ? Way::blocked : Way::open;
  });
}

void write_sent(std::string& body, const hub::SendReply& reply) {
  JsonWriter json(body);
  json.begin_object();
  json.field("ok", true).field("id", reply.id).field("at", reply.at);
  json.field("queued", reply.queued).field("to", reply.to);
  if (reply.duplicate) json.field("duplicate", true);
  json.end_object();
}

struct Sending {
  Answer answer;
  Asker asker;
  std::string from, to;
  SendInput input;
};

// A blocked sender cannot tell: its message takes an id and goes nowhere.
void pretend(Sending& sending, hub::ChannelEntry& entry) {
  core::Channel& channel = entry.channel;
  const core::MemberNo member = channel.find_member(sending.to);
  hub::SendReply reply;
  reply.id = channel.next_id(sending.asker.shard.now());
  reply.at = sending.asker.shard.now().wall;
  reply.to = sending.to;
  reply.queued = member == core::kNone || !channel.online(member);
  channel.use_status_id(reply.id);
  std::string& body = scratch();
  write_sent(body, reply);
  sending.answer.json(body);
}

void put_into(const std::shared_ptr<Sending>& sending, hub::ChannelEntry& entry, bool blocked) {
  core::Channel& channel = entry.channel;
  core::SendCommand& command = sending->input.request.command;
  command.from = channel.sender(sending->from);
  channel.sender(sending->to);  // also where the owner has never looked in
  command.to = sending->to;
  if (blocked) return pretend(*sending, entry);
  sending->asker.shard.send(entry, std::move(sending->input.request),
                            [sending](const Result<hub::SendReply>& reply) {
                              if (!reply) return sending->answer.error(reply.error());
                              std::string& body = scratch();
                              write_sent(body, *reply);
                              sending->answer.json(body);
                            });
}

// What a reader of its own inbox keeps on the way there.
struct Reading {
  Answer answer;
  Asker asker;
  hub::ReceiveRequest request;
  bool secure = false;
  std::size_t limit = 0;
};

// Finds the caller and its inbox; then(reading, inbox). The call ends here where it can't be done.
template <class Then>
void read_inbox(Call& call, hub::ReceiveRequest request, std::size_t limit, Then then) {
  const auto owner = identity_of(call);
  if (!owner) return call.answer.error(owner.error());
  if (!at_home_of(call, owner->callsign)) return;
  auto reading = std::make_shared<Reading>(
      Reading{std::move(call.answer), asker(call), request, call.request.secure, limit});
  open_own_inbox(reading->asker, *owner, [reading, then](Result<OwnInbox> inbox) {
    if (!inbox) return reading->answer.error(inbox.error());
    reading->request.session = inbox->session;
    then(*reading, *inbox->entry);
  });
}

// One field that names a handle.
Result<std::string> read_handle(const Call& call, std::string_view name) {
  const auto body = parse_body(call.request.body);
  if (!body) return std::unexpected(body.error());
  TextField sent;
  FieldReader reader;
  if (*body) {
    (*body)->each_field([&](std::string_view key, JsonValue value) {
      if (key == name) reader.read(key, value, sent);
    });
  }
  const std::string handle = core::normalise_callsign(sent.view());
  if (!core::is_valid_callsign(handle)) {
    reader.complain(fmt::format("{} must be the callsign of an identity.", name));
  }
  if (reader.error()) return std::unexpected(*reader.error());
  return handle;
}

template <class Decide>
void change_blocked(Call& call, Decide decide) {
  const auto owner = identity_of(call);
  if (!owner) return call.answer.error(owner.error());
  auto sender = read_handle(call, "sender");
  if (!sender) return call.answer.error(sender.error());
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.services.hub.accounts().change(
      call.shard.number(),
      [decide, callsign = owner->callsign, sender = std::move(*sender)](
          const core::Directory& directory, Millis) { return decide(directory, callsign, sender); },
      [answer](const Result<void>& done) {
        if (done) {
          answer->json("{\"ok\":true}");
        } else {
          answer->error(done.error());
        }
      });
}

Result<hub::ReceiveRequest> read_position(const Call& call, core::ReaderKind kind) {
  hub::ReceiveRequest request;
  request.kind = kind;
  const auto since = id_parameter(call, "since");
  if (!since) return std::unexpected(since.error());
  request.since = *since;
  if (!call.headers.last_event_id.empty()) request.since = parse_id(call.headers.last_event_id);
  const auto ack = id_parameter(call, "ack");
  if (!ack) return std::unexpected(ack.error());
  request.ack = *ack;
  return request;
}

}  // namespace

void dm_send(Call& call) {
  const Asker who = asker(call);
  const hub::LimitState limit = send_limit(who, hub::Limited::send, Counting::take);
  call.answer.set_limit(limit);
  if (!limit.allowed) return call.answer.error(limit_error(hub::Limited::send, limit));
  const auto sender = identity_of(call);
  if (!sender) return call.answer.error(sender.error());
  const auto body = parse_body(call.request.body);
  if (!body) return call.answer.error(body.error());

  SendInput input;
  if (auto ok = read_send(*body, input); !ok) return call.answer.error(ok.error());
  const std::string to = core::normalise_callsign(input.request.command.to.value_or(""));
  if (!core::is_valid_callsign(to)) {
    return call.answer.error({ErrorCode::invalid, "to must be the callsign of an identity."});
  }
  core::SendCommand& command = input.request.command;
  if (command.kind != core::Kind::message || !command.attachments.empty() ||
      input.request.await != hub::AwaitFor::nothing) {
    return call.answer.error(
        {ErrorCode::invalid, "A direct message between identities has to, text and client_id only.",
         "Signals, attachments and awaiting are for channels."});
  }
  const Way way = way_to(call, sender->callsign, to);
  if (way == Way::nobody) return call.answer.error(no_such_handle(to));
  if (!at_home_of(call, to)) return;
  auto sending = std::make_shared<Sending>(
      Sending{std::move(call.answer), who, sender->callsign, to, std::move(input)});
  open_inbox(who, to, [sending, way](Result<hub::ChannelEntry*> entry) {
    if (!entry) return sending->answer.error(entry.error());
    put_into(sending, **entry, way == Way::blocked);
  });
}

void dm_inbox(Call& call) {
  const auto position = read_position(call, core::ReaderKind::poll);
  if (!position) return call.answer.error(position.error());
  const std::size_t limit = count_parameter(call, "limit", core::kHistoryMax, core::kInboxSize);
  read_inbox(call, *position, limit, [](Reading& reading, hub::ChannelEntry& entry) {
    const core::Channel& channel = entry.channel;
    const core::SessionNo session = reading.request.session;
    const core::MessageId after = reading.request.since.value_or(channel.cursor(session));
    core::Pending pending = channel.pending(channel.session(session).member, after, true);
    if (pending.messages.size() > reading.limit) pending.messages.resize(reading.limit);
    std::string& body = scratch();
    JsonWriter json(body);
    json.begin_object().key("messages");
    write_messages(json, channel, pending.messages);
    json.field("unread", static_cast<std::uint64_t>(channel.unread(session)));
    json.end_object();
    reading.answer.json(body);
  });
}

void dm_wait(Call& call) {
  auto request = read_position(call, core::ReaderKind::poll);
  if (!request) return call.answer.error(request.error());
  const auto timeout = read_timeout(call, core::kDmWaitDefault, core::kWaitTimeoutMax);
  if (!timeout) return call.answer.error(timeout.error());
  request->timeout = *timeout;
  read_inbox(call, *request, 0, [](Reading& reading, hub::ChannelEntry& entry) {
    PollReceiver::start(std::move(reading.answer), reading.asker.shard, entry, reading.request,
                        PollForm::inbox, reading.secure);
  });
}

void dm_stream(Call& call) {
  const auto request = read_position(call, core::ReaderKind::stream);
  if (!request) return call.answer.error(request.error());
  read_inbox(call, *request, 0, [](Reading& reading, hub::ChannelEntry& entry) {
    StreamReceiver::start(std::move(reading.answer), reading.asker.shard, entry, reading.request);
  });
}

void dm_ack(Call& call) {
  const auto body = parse_body(call.request.body);
  if (!body) return call.answer.error(body.error());
  std::optional<std::int64_t> id;
  FieldReader reader;
  if (*body) {
    (*body)->each_field([&](std::string_view key, JsonValue value) {
      if (key == "id") reader.read(key, value, id);
    });
  }
  if (!id || *id <= 0) reader.complain("id must be the id of the last message that is done with.");
  if (reader.error()) return call.answer.error(*reader.error());
  hub::ReceiveRequest request;
  request.ack = *id;
  read_inbox(call, request, 0, [](Reading& reading, hub::ChannelEntry& entry) {
    core::Channel& channel = entry.channel;
    const core::MemberNo owner = channel.session(reading.request.session).member;
    // Reading the inbox moves no cursor, so what it showed counts as offered.
    reading.asker.shard.acknowledge(entry, owner, *reading.request.ack);
    reading.answer.json("{\"ok\":true}");
  });
}

void dm_block(Call& call) {
  change_blocked(call, [](const core::Directory& directory, const std::string& callsign,
                          const std::string& sender) { return directory.block(callsign, sender); });
}

void dm_unblock(Call& call) {
  change_blocked(call,
                 [](const core::Directory& directory, const std::string& callsign,
                    const std::string& sender) { return directory.unblock(callsign, sender); });
}

void dm_blocked(Call& call) {
  const auto owner = identity_of(call);
  if (!owner) return call.answer.error(owner.error());
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object().key("blocked").begin_array();
  call.services.hub.accounts().read([&](const core::Directory& directory) {
    const core::IdentityRecord* identity = directory.find_identity(owner->callsign);
    if (identity == nullptr) return;
    for (const std::string& sender : identity->blocked) json.value(sender);
  });
  json.end_array().end_object();
  call.answer.json(body);
}

}  // namespace rogerthat::api
