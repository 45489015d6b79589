// Requests as the api room handles them: look the session up, ask the shard, answer.
#include "receiver.h"
#include "server.h"

namespace rogerthat::sim {

namespace {

// Two commits of the slowest disk that is drawn, and some.
constexpr Millis kSendAnsweredWithin = 2000;

Answer refused(Verb verb, const Error& error) {
  Answer answer;
  answer.verb = verb;
  answer.error = error.code;
  return answer;
}
}  // namespace

void Server::join(const std::shared_ptr<Link>& link, const Request& request) {
  hub::Shard& shard = shard_of(request.channel);
  hub::ChannelEntry& entry = *find(request.channel);
  core::JoinCommand command;
  command.callsign = request.callsign;
  command.session_id = request.session_id;
  command.ack_explicit = request.ack_explicit;
  command.human_authorized = request.proves;
  if (s_.plant == Plant::inherited_proof) {
    const core::MemberNo member = entry.channel.find_member(request.callsign);
    const bool live = member != core::kNone && entry.channel.online(member);
    if (live && entry.channel.session(entry.channel.member(member).session).is_authorized()) {
      command.human_authorized = true;
    }
  }
  s_.checker.asks_to_join(request);
  const Now now = s_.world.now();
  const bool known = entry.channel.find_session(request.session_id, now).has_value() ||
                     entry.channel.ended_session(request.session_id, now).has_value();
  shard.join(entry, std::move(command), [this, link, request, known](Result<hub::JoinReply> reply) {
    if (!reply) {
      answer(link, refused(Verb::join, reply.error()));
      return;
    }
    s_.checker.joined(request.channel, reply->callsign, request.ack_explicit);
    const bool adopted = !known && reply->session_id == request.session_id;
    const core::Session& session = find(request.channel)->channel.session(reply->session);
    s_.checker.proof(
        request, {reply->session_id, adopted, reply->human_authorized, session.is_authorized()});
    Answer out;
    out.verb = Verb::join;
    out.session_id = reply->session_id;
    out.callsign = reply->callsign;
    if (hub::ChannelEntry* joined = find(request.channel)) {
      const core::MemberNo viewer = joined->channel.session(reply->session).member;
      for (const core::Message* message : joined->channel.history(20, viewer)) {
        out.messages.push_back(seen(*joined, *message));
      }
      s_.checker.history(request.channel, reply->callsign, out);
    }
    answer(link, std::move(out));
  });
}

void Server::send(const std::shared_ptr<Link>& link, const Request& request) {
  hub::Shard& shard = shard_of(request.channel);
  hub::ChannelEntry& entry = *find(request.channel);
  const auto session = shard.session(entry, request.session_id);
  if (!session) {
    answer(link, refused(Verb::send, session.error()));
    return;
  }
  Post& post = s_.posts.at(request.post);
  hub::SendRequest send;
  send.command.session = *session;
  if (post.to != "all") send.command.to = post.to;
  send.command.text = post.text;
  send.command.kind = post.kind;
  send.command.reply_to = post.reply_to;
  send.command.client_id = post.client_id;
  send.command.body_hash = post.body_hash;
  send.await = request.await;
  send.await_time = request.await_time;
  if (send.await != hub::AwaitFor::nothing) {
    send.await_id = connections_[link->number()].await_id = shard.new_await();
  }
  const MessageId highest = s_.checker.channel(request.channel).highest_id;
  const Millis wall = s_.world.now().wall;
  const Millis asked = s_.world.time();
  const auto waits = std::make_shared<bool>(true);
  s_.world.after(request.await_time + kSendAnsweredWithin, alive_, [this, waits, request] {
    if (!*waits) return;
    s_.world.violate("a send is answered: when it is stored, refused, or its await is over",
                     fmt::format("post {}", request.post));
  });
  s_.checker.submitted(post);
  shard.send(entry, std::move(send),
             [this, link, request, highest, wall, asked, waits](Result<hub::SendReply> reply) {
               *waits = false;
               Post& sent = s_.posts.at(request.post);
               Answer out;
               out.verb = Verb::send;
               if (reply) {
                 out.id = reply->id;
                 out.duplicate = reply->duplicate;
                 if (!reply->duplicate && reply->id < wall) {
                   s_.world.violate("an id is not below the wall clock",
                                    fmt::format("{} at {}", reply->id, wall));
                 }
                 s_.world.trace("post {} is message {}{}", sent.number, out.id,
                                out.duplicate ? ", again" : "");
               } else {
                 out.error = reply.error().code;
                 s_.world.trace("post {} is refused: {}", sent.number, reply.error().message);
               }
               s_.checker.answered(sent, out, highest);
               if (reply && request.await != hub::AwaitFor::nothing) {
                 awaited(request, *reply, s_.world.time() - asked);
               }
               answer(link, std::move(out));
             });
}

// What an awaiting sender is told is true, and told in time.
void Server::awaited(const Request& request, const hub::SendReply& reply, Millis waited) {
  hub::ChannelEntry* entry = find(request.channel);
  if (entry == nullptr) return;
  s_.world.trace("post {}: {} after {} ms", request.post,
                 reply.receipt           ? core::to_string(*reply.receipt)
                 : reply.reply           ? "answered by a message"
                 : reply.await_timed_out ? "await timed out"
                 : reply.await_conflict  ? "await conflict"
                                         : "nothing",
                 waited);
  if (reply.receipt) {
    Answer receipts;
    receipts.receipts.push_back({reply.receipt_callsign, *reply.receipt});
    s_.checker.receipts(request.channel, reply.id, receipts);
  }
  if (reply.reply != nullptr) {
    Answer history;
    history.messages.push_back(seen(*entry, *reply.reply));
    s_.checker.history(request.channel, request.callsign, history);
    if (reply.reply->reply_to != reply.id) {
      s_.world.violate("an awaited reply is one", fmt::format("message {}", reply.id));
    }
  }
  const bool told = reply.receipt || reply.reply || reply.await_timed_out || reply.await_conflict;
  const Post& post = s_.posts.at(request.post);
  if (!told && !reply.duplicate && post.kind == core::Kind::message && !draining_) {
    s_.world.violate("an await ends in one of its ways", fmt::format("post {}", post.number));
  }
}

void Server::receive(Connection& connection, const Request& request) {
  hub::Shard& shard = shard_of(request.channel);
  hub::ChannelEntry& entry = *find(request.channel);
  const auto session = shard.session(entry, request.session_id);
  if (!session) {
    answer(connection.link, refused(Verb::receive, session.error()));
    return;
  }
  const std::size_t reader = s_.checker.opened(request, connection.link);
  connection.receiver = std::make_unique<SimReceiver>(*this, connection.link, request.kind, reader);
  connection.receiver->channel = request.channel;
  hub::ReceiveRequest receive;
  receive.session = *session;
  receive.kind = request.kind;
  receive.since = request.since;
  receive.ack = request.ack;
  receive.timeout = request.timeout;
  connection.receiver->handle = shard.receive(entry, receive, *connection.receiver);
}

void Server::leave(const std::shared_ptr<Link>& link, const Request& request) {
  hub::Shard& shard = shard_of(request.channel);
  shard.leave(*find(request.channel), request.session_id, [this, link](Result<bool> left) {
    Answer out;
    out.verb = Verb::leave;
    if (!left) out.error = left.error().code;
    answer(link, std::move(out));
  });
}

void Server::history(const std::shared_ptr<Link>& link, const Request& request) {
  hub::Shard& shard = shard_of(request.channel);
  hub::ChannelEntry& entry = *find(request.channel);
  core::MemberNo viewer = core::kNone;
  if (!request.session_id.empty()) {
    const auto session = shard.session(entry, request.session_id);
    if (!session) {
      answer(link, refused(Verb::history, session.error()));
      return;
    }
    viewer = entry.channel.session(*session).member;
  }
  Answer out;
  out.verb = Verb::history;
  if (s_.plant == Plant::open_history) {
    const core::Ring& ring = entry.channel.ring();
    for (std::size_t i = 0; i < ring.size(); ++i) out.messages.push_back(seen(entry, ring.at(i)));
  } else {
    for (const core::Message* message : entry.channel.history(request.count, viewer)) {
      out.messages.push_back(seen(entry, *message));
    }
  }
  s_.checker.history(request.channel, viewer == core::kNone ? "" : request.callsign, out);
  answer(link, std::move(out));
}

void Server::receipts(const std::shared_ptr<Link>& link, const Request& request) {
  hub::Shard& shard = shard_of(request.channel);
  hub::ChannelEntry& entry = *find(request.channel);
  const auto session = shard.session(entry, request.session_id);
  if (!session) {
    answer(link, refused(Verb::receipts, session.error()));
    return;
  }
  shard.settle_all(entry);
  Answer out;
  out.verb = Verb::receipts;
  const core::MemberNo viewer = entry.channel.session(*session).member;
  if (const core::Message* message = entry.channel.find_message(request.id)) {
    if (core::Channel::may_see(*message, viewer)) {
      for (const core::Receipt& receipt : entry.channel.receipts(*message).each) {
        out.receipts.push_back({std::string(receipt.callsign), receipt.state});
      }
    }
  } else if (const core::Dropped* dropped = entry.channel.find_dropped(request.id)) {
    const bool everyone = dropped->to == core::kEveryone;
    for (core::MemberNo no = 0; no < entry.channel.member_slots(); ++no) {
      const core::Member& member = entry.channel.member(no);
      const bool meant = everyone ? entry.channel.was_meant_for(no, dropped->from, dropped->id)
                                  : no == dropped->to && (no == viewer || dropped->from == viewer);
      if (!member.in_use || !meant) continue;
      out.receipts.push_back(
          {member.callsign, entry.channel.receipt_of(dropped->from, no, dropped->id, true)});
    }
  }
  s_.checker.receipts(request.channel, request.id, out);
  answer(link, std::move(out));
}

}  // namespace rogerthat::sim
