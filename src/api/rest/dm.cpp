#include "api/rest/dm.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/access/inboxes.h"
#include "api/acts/sending.h"
#include "api/http/told_fields.h"
#include "api/http/unknown_fields.h"
#include "api/rest/poll_receiver.h"
#include "api/rest/receive.h"
#include "api/rest/stream_receiver.h"
#include "core/names.h"
#include "hub/message_json.h"

namespace rogerthat::api {

namespace {

Error no_such_handle(std::string_view handle) {
  return {ErrorCode::not_found, fmt::format("There is no identity {}.", handle),
          "Direct messages go to identities; others are reached on a channel."};
}

// "@bravo" is bravo, as on channels.
std::string handle_in(std::string_view sent) {
  std::string handle = core::normalise_callsign(sent);
  if (handle.starts_with('@')) handle.erase(0, 1);
  return handle;
}

// What the directory says of a sender and its addressee at this moment.
enum class Way : std::uint8_t { open, blocked, nobody, revoked };
Way way_to(const Services& services, const IdentityCaller& from, std::string_view to) {
  return services.hub.accounts().read([&](const core::Directory& directory) {
    if (directory.find_key(from.key) == nullptr) return Way::revoked;
    const core::IdentityRecord* identity = directory.find_identity(to);
    if (identity == nullptr) return Way::nobody;
    return std::ranges::binary_search(identity->blocked, from.callsign) ? Way::blocked : Way::open;
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

struct DirectSending {
  Answer answer;
  Asker asker;
  IdentityCaller from;
  std::string to;       // the handle
  std::string address;  // the same as no channel can mistake it: "@42" is a callsign, "42" a place
  SendInput input;
};

void put_into(const std::shared_ptr<DirectSending>& sending, hub::ChannelEntry& entry) {
  const Way way = way_to(sending->asker.services, sending->from, sending->to);
  if (way == Way::revoked) return sending->answer.error(unknown_identity_key());
  if (way == Way::nobody) return sending->answer.error(no_such_handle(sending->to));
  core::SendCommand& command = sending->input.request.command;
  entry.channel.addressee(sending->to);  // also where the owner has never looked in
  command.from = entry.channel.sender(sending->from.callsign, sending->asker.shard.now());
  command.to = sending->address;
  command.dropped = way == Way::blocked;
  sending->asker.shard.send(entry, std::move(sending->input.request),
                            [sending](const Result<hub::SendReply>& reply) {
                              if (!reply) return sending->answer.error(reply.error());
                              std::string& body = scratch();
                              write_sent(body, *reply);
                              sending->answer.json(body);
                            });
}

Result<void> check_sent(const hub::SendRequest& request, const std::string& from,
                        const std::string& to) {
  const core::SendCommand& command = request.command;
  if (!core::is_valid_callsign(to)) {
    return fail(ErrorCode::invalid, "to must be the callsign of an identity.");
  }
  if (to == from) return fail(ErrorCode::invalid, "to is your own callsign.");
  if (command.text.empty() && command.attachments.empty()) {
    return fail(ErrorCode::invalid,
                fmt::format("text is empty: send 1 to {} characters.", core::kTextCodePointsMax));
  }
  const bool plain = command.kind == core::Kind::message && command.attachments.empty() &&
                     command.reply_to == 0 && request.await == hub::AwaitFor::nothing;
  if (plain) return {};
  return fail(ErrorCode::invalid,
              "A direct message has text only: no kind, attachments, reply_to or await.",
              "Use a channel for them.");
}

// What a reader of its own inbox keeps on the way there.
struct InboxReading {
  Answer answer;
  Asker asker;
  hub::ReceiveRequest request;
  bool secure = false;
  std::size_t limit = 0;
};

// Opens the inbox of the caller; then(reading, inbox). The call ends here where it can't be done.
template <class Then>
void read_inbox(Call& call, hub::ReceiveRequest request, std::size_t limit, Then then) {
  auto reading = std::make_shared<InboxReading>(
      InboxReading{std::move(call.answer), asker(call), request, call.request.secure, limit});
  open_own_inbox(reading->asker, *call.identity, [reading, then](Result<OwnInbox> inbox) {
    if (!inbox) return reading->answer.error(inbox.error());
    if (!reading->answer.exchange().open()) return;  // it has gone while the disk was written
    reading->request.session = inbox->session;
    then(*reading, *inbox->entry);
  });
}

struct SenderFields {
  TextField sender;
};
constexpr Field<SenderFields> kSenderReads[] = {{"sender", read_member<&SenderFields::sender>}};
static_assert(reads_as_told<SenderFields>(kSenderReads, kDmSenderFields));

struct AckFields {
  std::optional<std::int64_t> id;
};
constexpr Field<AckFields> kAckReads[] = {{"id", read_member<&AckFields::id>}};
static_assert(reads_as_told<AckFields>(kAckReads, kDmAckFields));

Result<std::string> read_sender(Call& call) {
  FieldReader reader;
  SenderFields in;
  if (auto ok = read_body(call, reader, part(kSenderReads, in)); !ok) {
    return std::unexpected(ok.error());
  }
  std::string handle = handle_in(in.sender.view());
  if (core::is_valid_callsign(handle)) return handle;
  return fail(ErrorCode::invalid, "sender must be the callsign of an identity.");
}

using ChangeBlocked = Result<core::DirectoryChanges> (core::Directory::*)(
    std::string_view callsign, std::string_view sender) const;

void change_blocked(Call& call, ChangeBlocked change) {
  auto owner = identity_of(call);
  if (!owner) return call.answer.error(owner.error());
  auto sender = read_sender(call);
  if (!sender) return call.answer.error(sender.error());
  if (auto ok = take_limit(asker(call), hub::Limited::send); !ok) {
    return call.answer.error(ok.error());
  }
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.services.hub.accounts().change(
      call.shard.number(),
      [change, owner = std::move(*owner), sender = std::move(*sender)](
          const core::Directory& directory, Millis) -> Result<core::DirectoryChanges> {
        if (directory.find_key(owner.key) == nullptr) {
          return std::unexpected(unknown_identity_key());
        }
        if (!directory.is_taken(sender)) return std::unexpected(no_such_handle(sender));
        return (directory.*change)(owner.callsign, sender);
      },
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
  const auto since = read_since(call);
  if (!since) return std::unexpected(since.error());
  request.since = *since;
  const auto ack = id_parameter(call, "ack");
  if (!ack) return std::unexpected(ack.error());
  request.ack = *ack;
  return request;
}

void show_inbox(InboxReading& reading, hub::ChannelEntry& entry) {
  const core::Channel& channel = entry.channel;
  const core::SessionNo session = reading.request.session;
  const core::MemberNo owner = channel.session(session).member;
  reading.asker.shard.settle(entry, owner);  // so that what has arrived counts as read
  const core::MessageId after = reading.request.since.value_or(channel.cursor(session));
  core::Pending pending = channel.pending(owner, after, reading.request.since.has_value());
  const bool more = pending.more || pending.messages.size() > reading.limit;
  if (pending.messages.size() > reading.limit) pending.messages.resize(reading.limit);
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object().key("messages");
  hub::write_messages(json, channel, pending.messages);
  if (more) json.field("more", true);
  json.field("unread", static_cast<std::uint64_t>(channel.unread(session)));
  json.end_object();
  reading.answer.json(body);
}

}  // namespace

void dm_send(Call& call) {
  const Asker who = asker(call);
  FieldReader reader;
  SendFields fields;
  SendInput input;
  auto read = read_body(call, reader, part(send_fields(), fields));
  if (read) read = read_send(reader, fields, input);
  const std::string to = read ? handle_in(input.request.command.to.value_or("")) : std::string();
  // Before it is counted: at home it comes again.
  if (core::is_valid_callsign(to) && !at_home_of(call, to)) return;

  const hub::LimitState limit = send_limit(who, hub::Limited::send, Counting::take);
  call.answer.set_limit(limit);
  if (!limit.allowed) return call.answer.error(limit_error(hub::Limited::send, limit));
  auto from = identity_of(call);
  if (!from) return call.answer.error(from.error());
  if (!read) return call.answer.error(read.error());
  if (auto ok = check_sent(input.request, from->callsign, to); !ok) {
    return call.answer.error(ok.error());
  }
  if (way_to(call.services, *from, to) == Way::nobody) {
    return call.answer.error(no_such_handle(to));
  }
  auto sending = std::make_shared<DirectSending>(
      DirectSending{std::move(call.answer), who, std::move(*from), to, '@' + to, std::move(input)});
  open_inbox(who, to, [sending](const Result<hub::ChannelEntry*>& entry) {
    if (!entry) return sending->answer.error(entry.error());
    put_into(sending, **entry);
  });
}

void dm_inbox(Call& call) {
  const auto position = read_position(call, core::ReaderKind::poll);
  if (!position) return call.answer.error(position.error());
  const std::size_t limit = count_parameter(call, "limit", core::kHistoryMax, core::kInboxSize);
  read_inbox(call, *position, limit, show_inbox);
}

void dm_wait(Call& call) {
  auto request = read_position(call, core::ReaderKind::poll);
  if (!request) return call.answer.error(request.error());
  const auto timeout = read_timeout(call, core::kDmWaitDefault, core::kWaitTimeoutMax);
  if (!timeout) return call.answer.error(timeout.error());
  request->timeout = *timeout;
  read_inbox(call, *request, 0, [](InboxReading& reading, hub::ChannelEntry& entry) {
    PollReceiver::start(std::move(reading.answer), reading.asker.shard, entry, reading.request,
                        PollForm::inbox, reading.secure);
  });
}

void dm_stream(Call& call) {
  const auto request = read_position(call, core::ReaderKind::stream);
  if (!request) return call.answer.error(request.error());
  read_inbox(call, *request, 0, [](InboxReading& reading, hub::ChannelEntry& entry) {
    StreamReceiver::start(std::move(reading.answer), reading.asker.shard, entry, reading.request);
  });
}

void dm_ack(Call& call) {
  FieldReader reader;
  AckFields in;
  auto read = read_body(call, reader, part(kAckReads, in));
  if (read && (!in.id || *in.id <= 0)) {
    read = fail(ErrorCode::invalid, "id must be the id of the last message that is done with.");
  }
  if (!read) return call.answer.error(read.error());
  hub::ReceiveRequest request;
  request.ack = in.id;
  read_inbox(call, request, 0, [](InboxReading& reading, hub::ChannelEntry& entry) {
    core::Channel& channel = entry.channel;
    const core::SessionNo session = reading.request.session;
    // Looking at the inbox moves no cursor, so what it showed counts as offered.
    reading.asker.shard.acknowledge(entry, channel.session(session).member, *reading.request.ack);
    reading.answer.json(fmt::format("{{\"ok\":true,\"unread\":{}}}", channel.unread(session)));
  });
}

void dm_block(Call& call) {
  change_blocked(call, &core::Directory::block);
}

void dm_unblock(Call& call) {
  change_blocked(call, &core::Directory::unblock);
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
