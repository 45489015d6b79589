// Look-ups, sends and the ring. Joins are in channel_join.cpp, readers and cursors in
// channel_read.cpp, receipts in channel_receipts.cpp, recovery in channel_snapshot.cpp.
#include "core/channel.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "core/bans.h"
#include "core/content.h"
#include "core/names.h"

namespace rogerthat::core {

namespace {

// "3" and "#3" name the third of the live roster; nullopt: not of that form.
std::optional<std::size_t> parse_index(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::size_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

}  // namespace

Channel::Channel(ChannelOptions options, MessageId id_floor, MessageId lost_through)
    : options_(options), lost_(lost_through > 0), last_id_(id_floor), committed_through_(id_floor) {
  ring_.set_dropped_through(lost_through);
}

MemberNo Channel::find_member(std::string_view callsign) const {
  const auto key_of = [this](std::uint32_t no) -> std::string_view {
    return members_[no].callsign;
  };
  return member_index_.find(callsign, key_of);
}

SessionNo Channel::live_session(std::string_view session_id) const {
  const auto key_of = [this](std::uint32_t no) -> std::string_view { return sessions_[no].id; };
  return session_index_.find(session_id, key_of);
}

std::string_view Channel::callsign_of(MemberNo no) const {
  if (no == kEveryone) return "all";
  return no < members_.size() ? std::string_view(members_[no].callsign) : std::string_view();
}

std::size_t Channel::live_index(MemberNo no) const {
  const SessionNo session = members_[no].session;
  if (session == kNone) return 0;
  const auto at = std::ranges::find(join_order_, session);
  return static_cast<std::size_t>(at - join_order_.begin()) + 1;
}

Result<SessionNo> Channel::find_session(std::string_view session_id, Now now) const {
  const SessionNo session = live_session(session_id);
  if (session != kNone) return session;
  if (const Tombstone* const ended = find_tombstone(session_id, now.wall)) {
    if (ended->by_operator) {
      return fail(ErrorCode::session_expired,
                  with_reason("The operator has ended this session.", ended->note),
                  "Tell your person, and join again only if they want you to.");
    }
    return fail(ErrorCode::session_expired,
                ended->expired
                    ? "This session was idle for too long and has ended."
                    : "This session has left the channel, or its identity_key was revoked.",
                "Join the channel again; under the same callsign you get what you have missed.");
  }
  return fail(ErrorCode::not_joined, "This session is not known on the channel.",
              "Join the channel first and send the session_id you get as X-Session-Id.");
}

std::optional<Channel::Ended> Channel::ended_session(std::string_view session_id, Now now) const {
  const Tombstone* const ended = find_tombstone(session_id, now.wall);
  if (ended == nullptr) return std::nullopt;
  return Ended{ended->callsign, ended->by_operator};
}

Result<MemberNo> Channel::resolve_addressee(std::string_view to) const {
  to = trim(to);
  if (to.empty()) return kEveryone;
  if (equal_ignoring_case(to, "all") || equal_ignoring_case(to, "@all")) return kEveryone;
  const bool hash = to.front() == '#';
  if (const auto index = parse_index(hash ? to.substr(1) : to)) {
    if (*index >= 1 && *index <= join_order_.size()) {
      return sessions_[join_order_[*index - 1]].member;
    }
    if (hash) {
      return fail(
          ErrorCode::invalid,
          fmt::format("to: #{} is not on the roster, it has {} entries.", *index,
                      join_order_.size()),
          "Look at the roster again, or write to a callsign: places change as others leave.");
    }
  } else if (hash) {
    return fail(ErrorCode::invalid, "to: '#' must be followed by a place on the roster, as in #1.",
                "Write #N, a callsign or all.");
  }
  const std::string callsign = lower_ascii(to.front() == '@' ? to.substr(1) : to);
  if (callsign == kOperatorCallsign) {
    return fail(ErrorCode::invalid, "to: the operator speaks here, but hears nothing.",
                "Tell your person what the operator should know.");
  }
  const MemberNo member = find_member(callsign);
  if (member != kNone) return member;

  std::string roster;
  for (std::size_t i = 0; i < live_sorted_.size() && i < 20; ++i) {
    if (i > 0) roster += ", ";
    roster += members_[live_sorted_[i]].callsign;
  }
  if (live_sorted_.size() > 20) roster += fmt::format(" and {} more", live_sorted_.size() - 20);
  const bool valid = is_valid_callsign(callsign);
  return fail(ErrorCode::invalid,
              valid ? fmt::format("to: '{}' has never joined this channel. On the roster: {}.",
                                  callsign, roster.empty() ? "nobody" : roster)
                    : fmt::format("to is no callsign, #N or all. On the roster: {}.",
                                  roster.empty() ? "nobody" : roster),
              valid ? "Write to one of them or to all; who has joined once gets it also when away."
                    : "Write to one of them or to all.");
}

MessageId Channel::next_id(Now now) const {
  return std::max<MessageId>(now.wall, last_id_ + 1);
}

const SentMemory* Channel::find_sent(MemberNo member, std::string_view client_id,
                                     Millis wall) const {
  for (const SentMemory& sent : members_[member].sent) {
    if (sent.client_id == client_id && wall - sent.at < kClientIdMemory) return &sent;
  }
  return nullptr;
}

// The two agents that a message is between: the two ends of a direct message, or the only two on
// the channel.
std::optional<std::pair<MemberNo, MemberNo>> Channel::agent_pair(MemberNo from, MemberNo to) const {
  if (to != kEveryone) return std::pair(from, to);
  if (join_order_.size() != 2) return std::nullopt;
  const MemberNo first = sessions_[join_order_[0]].member;
  const MemberNo second = sessions_[join_order_[1]].member;
  return std::pair(from, first == from ? second : first);
}

Result<SendPlan> Channel::decide_send(SendCommand command, Now now) const {
  if (auto ok = check_content(command); !ok) return std::unexpected(ok.error());
  const MemberNo from = command.session == kNone ? command.from : sessions_[command.session].member;

  MemberNo to = kEveryone;
  if (command.to) {
    const auto addressee = resolve_addressee(*command.to);
    if (!addressee) return std::unexpected(addressee.error());
    to = *addressee;
  }
  SendPlan plan;
  if (!command.client_id.empty()) {
    if (auto ok = check_client_id(command.client_id); !ok) return std::unexpected(ok.error());
    if (const SentMemory* sent = find_sent(from, command.client_id, now.wall)) {
      if (sent->body_hash != command.body_hash) {
        return fail(ErrorCode::conflict,
                    "client_id was used for another message within the last 10 minutes.",
                    "Repeat the same message, or take a new client_id.");
      }
      plan.outcome = SendPlan::Outcome::duplicate;
      plan.duplicate_id = sent->id;
      plan.duplicate_at = sent->at;
      plan.duplicate_to = callsign_of(sent->to);
      const bool direct = sent->to != kEveryone && sent->to != from;
      const auto given = [&] {
        return sent->swallowed ? given_through(sent->to) : members_[sent->to].handed;
      };
      plan.queued = direct && given() < sent->id;
      return plan;
    }
  }
  if (command.reply_to != 0) {
    const Message* target = find_message(command.reply_to);
    const bool seen =
        target != nullptr ? may_see(*target, from) : command.reply_to <= ring_.dropped_through();
    if (!seen) {
      return fail(ErrorCode::invalid, "reply_to is not the id of a message that you got here.");
    }
  }
  const auto pair = loop_guard_ ? agent_pair(from, to) : std::nullopt;
  if (pair && options_.loop_guard == LoopGuardMode::block && command.session != kNone &&
      !sessions_[command.session].is_authorized() &&
      loop_guard_->looping(pair->first, pair->second, now.steady)) {
    Error error{ErrorCode::rate_limited,
                "Loop guard: more than 40 messages between you two in 5 minutes and no human took "
                "part.",
                "Stop here and report to your human.", 0};
    const Millis wait = loop_guard_->quiet_at(pair->first, pair->second) - now.steady;
    error.retry_after_seconds = std::max<Millis>(1, (wait + 999) / 1000);
    return std::unexpected(std::move(error));
  }

  plan.outcome = command.kind == Kind::status ? SendPlan::Outcome::status : SendPlan::Outcome::post;
  Message& message = plan.posted.message;
  message.id = next_id(now);
  message.at = now.wall;
  message.from = from;
  message.to = to;
  message.reply_to = command.reply_to;
  message.priority = command.priority;
  message.kind = command.kind;
  // Who sends without a session is vouched for by the hub.
  message.verified = command.session == kNone || members_[from].verified;
  message.text = std::move(command.text);
  if (!command.suggested_replies.empty() || !command.attachments.empty()) {
    message.extras = std::make_unique<MessageExtras>();
    message.extras->suggested_replies = std::move(command.suggested_replies);
    message.extras->attachments = std::move(command.attachments);
  }
  plan.posted.client_id = std::move(command.client_id);
  plan.posted.body_hash = command.body_hash;
  // A ring lets go of what nobody has read; an inbox takes no more.
  if (options_.inbox && to != kEveryone && is_full(message, command.dropped)) {
    return fail(ErrorCode::rate_limited,
                fmt::format("The inbox of {} is full of unread messages.", members_[to].callsign),
                "Try again when some of them have been read.");
  }
  if (command.dropped) plan.outcome = SendPlan::Outcome::dropped;
  return plan;
}

void Channel::use_status_id(MessageId id) {
  last_id_ = std::max(last_id_, id);
}

void Channel::commit_through(MessageId id) {
  committed_through_ = std::max(committed_through_, id);
}

void Channel::remember_sent(MemberNo member, SentMemory sent) {
  auto& memory = members_[member].sent;
  const Millis now = sent.at;
  memory.erase_if([now](const SentMemory& m) { return now - m.at >= kClientIdMemory; });
  if (memory.size() >= kClientIdsPerCallsign) memory.erase(memory.begin());
  memory.push_back(std::move(sent));
}

void Channel::record_for_loop_guard(const Message& message, Now now) {
  if (options_.loop_guard == LoopGuardMode::off) return;
  const SessionNo session = members_[message.from].session;
  const bool human = session != kNone ? sessions_[session].is_authorized()
                                      : members_[message.from].callsign == kOperatorCallsign;
  if (human) {
    if (loop_guard_) loop_guard_->human_spoke();
    return;
  }
  if (const auto pair = agent_pair(message.from, message.to)) {
    if (!loop_guard_) loop_guard_ = std::make_unique<LoopGuard>();
    loop_guard_->record(pair->first, pair->second, now.steady);
  }
}

bool Channel::loop_warning(SessionNo session, Now now) const {
  return loop_guard_ && loop_guard_->any_looping(sessions_[session].member, now.steady);
}

// A reply from an addressee is the last state of its receipt, also when the ring has dropped what
// it answers.
void Channel::note_answer(const Message& reply) {
  const auto add = [&](SlimVector<MemberNo>& answered) {
    if (std::ranges::find(answered, reply.from) == answered.end()) answered.push_back(reply.from);
  };
  if (Message* target = ring_.find(reply.reply_to)) {
    if (target->to == kEveryone) {
      if (!target->extras) target->extras = std::make_unique<MessageExtras>();
      add(target->extras->answered_by);
    } else if (target->to == reply.from) {
      if (!target->receipt) target->receipt = std::make_unique<DirectReceipt>();
      if (target->receipt->answered_at == 0) target->receipt->answered_at = reply.at;
    }
  } else if (Dropped* dropped = ring_.find_dropped(reply.reply_to)) {
    if (dropped->to == kEveryone || dropped->to == reply.from) add(dropped->answered_by);
  }
}

Message& Channel::post(Posted posted, Now now) {
  Message& incoming = posted.message;
  if (incoming.from == kNone) {  // from the journal: callsigns, not numbers
    const Now sent{.wall = incoming.at, .steady = now.steady};
    incoming.to = posted.to.empty() ? kEveryone
                  : options_.inbox  ? addressee(posted.to)
                                    : member_for(posted.to);
    incoming.from = options_.inbox ? sender(posted.from, sent) : member_for(posted.from);
  } else {
    record_for_loop_guard(incoming, now);
  }
  last_id_ = std::max(last_id_, incoming.id);
  last_activity_at_ = std::max(last_activity_at_, incoming.at);
  if (!options_.durable) committed_through_ = last_id_;

  if (incoming.reply_to != 0) note_answer(incoming);
  if (!posted.client_id.empty()) {
    incoming.has_client_id = true;
    remember_sent(incoming.from, SentMemory{std::move(posted.client_id), posted.body_hash,
                                            incoming.id, incoming.at, incoming.to});
  }
  const auto let_go = [this](const Message& dropped) { release(dropped); };
  ring_.push(std::move(incoming), options_.ring_size, options_.ring_bytes, let_go);
  ring_.drop_through(posted.dropped_through, let_go);
  return ring_.at(ring_.size() - 1);
}

// What opened a session that has ended is not known for sure from the journal: its key may have
// ended since.
void Channel::end_recovery() {
  ring_.forget_dropped();
  for (Tombstone& tombstone : tombstones_) tombstone.identity_account.clear();
}

void Channel::forget_read(Millis before) {
  MessageId through = 0;
  const auto recent = std::ranges::find_if(
      read_marks_, [before](const ReadMark& mark) { return mark.at >= before; });
  if (recent != read_marks_.begin()) through = std::prev(recent)->through;
  read_marks_.erase(read_marks_.begin(), recent);
  if (through > 0) ring_.drop_through(through, [this](const Message& m) { release(m); });
}

std::size_t Channel::let_go(std::size_t bytes) {
  std::size_t messages = 0;
  ring_.drop_bytes(bytes, [&](const Message& dropped) {
    release(dropped);
    ++messages;
  });
  return messages;
}

void Channel::release(const Message& dropped) {
  if (dropped.seq == 0) return;
  released_.push_back({dropped.seq, dropped.has_client_id ? dropped.at + kClientIdMemory : 0});
}

SlimVector<ReleasedRow> Channel::take_released() {
  return std::exchange(released_, {});
}

bool Channel::may_see(const Message& message, MemberNo viewer) {
  if (message.to == kEveryone) return true;
  return viewer != kNone && (message.to == viewer || message.from == viewer);
}

bool Channel::receives(const Message& message, MemberNo viewer) {
  return message.from != viewer && may_see(message, viewer);
}

std::vector<const Message*> Channel::history(std::size_t n, MemberNo viewer) const {
  std::vector<const Message*> found;
  for (std::size_t i = ring_.size(); i > 0 && found.size() < n; --i) {
    const Message& message = ring_.at(i - 1);
    if (message.id <= committed_through_ && may_see(message, viewer)) found.push_back(&message);
  }
  std::ranges::reverse(found);
  return found;
}

const Message* Channel::find_message(MessageId id) const {
  const Message* message = ring_.find(id);
  return message != nullptr && message->id <= committed_through_ ? message : nullptr;
}

}  // namespace rogerthat::core
