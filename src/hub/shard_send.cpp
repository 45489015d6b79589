// Sending on a shard. The channel decides what a send comes to, and each outcome goes its own way:
// a duplicate is answered again, a status is passed on, a message is posted (at once in memory,
// after the commit where it must survive), and what its addressee has blocked is swallowed.
//
// Nobody reads what a crash can still undo: on durable channels everything that others can see
// happens in an effect behind the commit. An effect may run twice, first to say that the disk
// refuses, later to say that it has written: the sender is answered once, the message is published
// all the same.
#include <algorithm>
#include <utility>

#include "core/transcript.h"
#include "hub/awaits.h"
#include "hub/once.h"
#include "hub/shard.h"

namespace rogerthat::hub {

using core::kEveryone;
using core::kNone;
using core::MemberNo;
using core::ReaderNo;

Error Shard::not_stored() const {
  return {ErrorCode::unavailable, "The message is not stored: " + store_trouble_ + ".",
          "Send it again with the same client_id: it is delivered once.", 5};
}

void Shard::send(ChannelEntry& entry, SendRequest request, Done<SendReply> done) {
  decide_and_send(entry, std::move(request), std::move(done));
  if (holdings_.total() > memory_max_) make_room();
}

void Shard::decide_and_send(ChannelEntry& entry, SendRequest request, Done<SendReply> done) {
  if (auto ok = disk_ready(entry); !ok) {
    done(std::unexpected(ok.error()));
    return;
  }
  const core::Channel& channel = entry.channel;
  const bool reserved = channel.next_id(now_) <= id_ceiling_stored_;
  if (!entry.record.options.durable && !reserved && store_healthy_) {
    send_when_reserved(entry, std::move(request), std::move(done));
    return;
  }
  if (entry.record.options.inbox) {
    if (auto ok = room_in_inbox(entry); !ok) {
      done(std::unexpected(ok.error()));
      return;
    }
  }
  Sending sending;
  sending.from = request.command.session == kNone ? request.command.from
                                                  : channel.session(request.command.session).member;
  sending.awaited = request.await;
  sending.await_time = request.await_time;
  sending.await_id = request.await_id;
  auto plan = channel.decide_send(std::move(request.command), now_);
  if (!plan) {
    done(std::unexpected(plan.error()));
    return;
  }
  sending.done = std::move(done);
  if (plan->outcome == core::SendPlan::Outcome::duplicate) {
    send_again(entry, *plan, std::move(sending));
    return;
  }
  const core::Message& planned = plan->posted.message;
  sending.to = planned.to;
  SendReply& reply = sending.reply;
  reply.id = planned.id;
  reply.at = planned.at;
  reply.to = channel.callsign_of(planned.to);
  reply.kind = planned.kind;
  reply.priority = planned.priority;
  if (planned.extras) reply.suggested_replies = planned.extras->suggested_replies;
  note_id(planned.id);
  if (plan->outcome == core::SendPlan::Outcome::status) {
    send_status(entry, std::move(plan->posted.message), std::move(sending));
    return;
  }
  count(counters_.messages_total);
  write_message_to_transcript(entry, planned, reply.to);
  const bool conflict = sending.awaited == AwaitFor::reply &&
                        await_conflict(entry, sending.from, sending.to, planned.reply_to);
  if (conflict) {
    reply.await_conflict = true;
    sending.awaited = AwaitFor::nothing;
  }
  if (plan->outcome == core::SendPlan::Outcome::dropped) {
    swallow(entry, std::move(plan->posted), std::move(sending));
  } else if (entry.record.options.durable) {
    post_durably(entry, std::move(plan->posted), std::move(sending));
  } else {
    post(entry, std::move(plan->posted), std::move(sending));
  }
}

// The first one may still be on its way to the disk: neither is answered before it is there.
void Shard::send_again(ChannelEntry& entry, const core::SendPlan& plan, Sending sending) {
  SendReply& reply = sending.reply;
  reply.id = plan.duplicate_id;
  reply.at = plan.duplicate_at;
  reply.to = plan.duplicate_to;
  reply.queued = plan.queued;
  reply.duplicate = true;
  after_commit(entry, once([sending = std::move(sending)](bool stored) mutable {
                 if (stored) {
                   sending.answer(std::move(sending.reply));
                 } else {
                   sending.answer(fail(ErrorCode::unavailable, "The message is not stored yet.",
                                       "Send it again."));
                 }
               }));
}

// It reaches who listens at this moment and leaves nothing behind. On a durable channel this moment
// comes behind the messages that were sent before it; while the disk refuses it passes.
void Shard::send_status(ChannelEntry& entry, core::Message status, Sending sending) {
  entry.channel.use_status_id(status.id);
  after_commit(entry, once([this, handle = entry.handle, status = std::move(status),
                            sending = std::move(sending)](bool stored) mutable {
                 ChannelEntry* const there = find(handle);
                 if (!stored || there == nullptr) {
                   return sending.answer(fail(ErrorCode::unavailable,
                                              "The status was not passed on.", "Send it again."));
                 }
                 sending.reply.reached = publish(*there, status);
                 sending.reply.reach =
                     there->channel.reach(sending.from, sending.to, sending.reply.reached);
                 sending.answer(std::move(sending.reply));
               }));
}

void Shard::write_message_to_transcript(ChannelEntry& entry, const core::Message& message,
                                        std::string_view to) {
  const core::Retention retention = entry.record.options.retention;
  if (retention == core::Retention::none) return;
  const core::Member& sender = entry.channel.member(message.from);
  write_transcript(entry,
                   core::message_entry(retention, message, sender.callsign, to, !sender.spoke));
  if (!sender.spoke) entry.channel.mark_spoke(message.from);
}

void Shard::post(ChannelEntry& entry, core::Posted posted, Sending sending) {
  const core::Message& message = entry.channel.post(std::move(posted), now_);
  weigh(entry);
  in_motion(entry);
  hook_message(entry, message);
  told_everybody(entry, message, sending);
  answer_or_await(entry, std::move(sending));
}

void Shard::post_durably(ChannelEntry& entry, core::Posted posted, Sending sending) {
  core::Channel& channel = entry.channel;
  const core::ChannelOptions& options = entry.record.options;
  core::Message& planned = posted.message;
  posted.from = channel.callsign_of(sending.from);
  posted.to = sending.to == kEveryone ? std::string() : std::string(sending.reply.to);
  posted.dropped_through =
      channel.ring().dropped_through_after(planned.weight(), options.ring_size, options.ring_bytes);
  planned.seq = next_seq();
  batch_.journal.push_back({planned.seq, entry.record.no, codec_.encode(posted, entry.record.no)});
  hook_message(entry, channel.post(std::move(posted), now_));
  weigh(entry);
  forget_released(entry);
  in_motion(entry);
  after_commit(
      entry, [this, handle = entry.handle, sending = std::move(sending)](bool stored) mutable {
        if (!stored) return sending.answer(std::unexpected(not_stored()));
        ChannelEntry* const there = find(handle);
        if (there == nullptr) {
          return sending.answer(fail(ErrorCode::not_found, "The channel has been closed."));
        }
        publish_stored(*there, std::move(sending));
      });
}

// Behind the commit. The sender may have been told before that the disk refuses; everybody else
// gets the message now.
void Shard::publish_stored(ChannelEntry& entry, Sending sending) {
  const core::MessageId id = sending.reply.id;
  entry.channel.commit_through(id);
  if (const core::Message* const message = entry.channel.find_message(id)) {
    told_everybody(entry, *message, sending);
  } else {
    tell_dropped(entry, sending.from, sending.to, id);
  }
  if (sending.done) answer_or_await(entry, std::move(sending));
}

// Everybody who waits gets the message, and its sender is to learn how many that were.
void Shard::told_everybody(ChannelEntry& entry, const core::Message& message, Sending& sending) {
  SendReply& reply = sending.reply;
  reply.reached = publish(entry, message);
  reply.reach = entry.channel.reach(sending.from, sending.to, reply.reached);
  reply.queued = sending.to != kEveryone && sending.to != sending.from && reply.reached == 0;
  if (!entry.awaits.empty()) check_awaited_reply(entry, reply.id);
}

// The sender is told what it would be told otherwise, as late: it waits for a commit, too.
void Shard::swallow(ChannelEntry& entry, core::Posted posted, Sending sending) {
  entry.channel.drop(std::move(posted));
  journal(entry, core::CursorsMoved{.positions = {}, .at = now_.wall});
  snapshot_if_due(entry);
  after_commit(
      entry, once([this, handle = entry.handle, sending = std::move(sending)](bool stored) mutable {
        if (!stored) return sending.answer(std::unexpected(not_stored()));
        ChannelEntry* const there = find(handle);
        sending.reply.queued = there == nullptr || !there->channel.take_swallowed(
                                                       sending.from, sending.to, sending.reply.id);
        sending.answer(std::move(sending.reply));
      }));
}

// A channel in memory waits for no commit, but an id that is seen before it is reserved on disk
// could be given again after a crash: right after a start, and when the clock has jumped ahead.
// Where the disk refuses, the channel goes on all the same. Until then the channel may go, and so
// may the session: both are looked for again, by what they are called.
void Shard::send_when_reserved(ChannelEntry& entry, SendRequest request, Done<SendReply> done) {
  note_id(entry.channel.next_id(now_));
  const core::SendCommand& command = request.command;
  const bool by_session = command.session != kNone;
  std::string from = by_session ? entry.channel.session(command.session).id
                                : std::string(entry.channel.callsign_of(command.from));
  std::string to(command.to.value_or(""));
  after_batch(
      once([this, handle = entry.handle, by_session, from = std::move(from), to = std::move(to),
            request = std::move(request), done = std::move(done)](bool) mutable {
        ChannelEntry* const channel = find(handle);
        if (channel == nullptr) {
          return done(fail(ErrorCode::not_found, "The channel has been closed."));
        }
        if (by_session) {
          const auto session = channel->channel.find_session(from, now_);
          if (!session) return done(std::unexpected(session.error()));
          request.command.session = *session;
        } else {
          request.command.from = channel->channel.sender(from, now_);
        }
        request.command.to = to;
        send(*channel, std::move(request), std::move(done));
      }));
}

// Gives a message to everybody who waits for it and may see it. Says to how many callsigns that
// were: one that listens twice is reached once.
std::size_t Shard::publish(ChannelEntry& entry, const core::Message& message) {
  if (!entry.observations.empty() && message.kind == core::Kind::message) {
    tell_observers(entry, message);
  }
  if (entry.channel.readers_attached() == 0) return 0;
  core::Pending pending;
  pending.messages.push_back(&message);
  pending.through = message.id;
  const Delivery delivery{entry, pending, nullptr, nullptr};
  std::size_t reached = 0;
  if (message.to != kEveryone) {
    std::vector<ReaderNo> readers;
    for (ReaderNo no = entry.channel.member(message.to).first_reader; no != kNone;
         no = entry.channel.reader(no).next) {
      readers.push_back(no);
    }
    for (const ReaderNo no : readers) {
      if (hand_to(entry, no, message, delivery)) reached = 1;
    }
  } else {
    const bool may_repeat = entry.channel.readers_attached() > 1;
    std::vector<bool> told;  // by member
    const std::size_t slots = entry.channel.reader_slots();
    for (ReaderNo no = 0; no < slots; ++no) {
      const MemberNo member = entry.channel.reader(no).member;
      if (!hand_to(entry, no, message, delivery)) continue;
      if (may_repeat) {
        if (told.size() <= member) told.resize(member + 1);
        if (told[member]) continue;
        told[member] = true;
      }
      ++reached;
    }
  }
  return reached;
}

// So many messages waited for one commit that the ring has let go of this one before anybody could
// get it: those who would have are told of a gap.
void Shard::tell_dropped(ChannelEntry& entry, MemberNo from, MemberNo to, core::MessageId id) {
  core::Channel& channel = entry.channel;
  for (ReaderNo no = 0; no < channel.reader_slots(); ++no) {
    core::Reader& reader = channel.reader(no);
    const bool meant = reader.member != from && (to == kEveryone || to == reader.member);
    if (!reader.in_use || !reader.waiting || !meant || reader.position >= id) continue;
    if (reader.hold != 0) continue;  // it is told when it begins
    if (reader.kind == core::ReaderKind::stream) {
      pump(entry, no, true);
    } else if (!reader.gap_after) {
      reader.gap_after = reader.position;
    }
  }
}

bool Shard::hand_to(ChannelEntry& entry, ReaderNo no, const core::Message& message,
                    const Delivery& delivery) {
  core::Channel& channel = entry.channel;
  core::Reader& reader = channel.reader(no);
  if (!reader.in_use || !reader.waiting || reader.position >= message.id) return false;
  if (!core::Channel::receives(message, reader.member)) return false;
  if (reader.hold != 0) return keep_for_held(reader, message);
  if (reader.blocked) {  // it gets the message from the ring when it takes more; never a status
    if (backlog_too_large(entry, reader)) end_reader(entry, no, EndReason::too_slow);
    return false;
  }
  ++stats_.deliveries;
  if (reader.gap_after) channel.miss(no, *reader.gap_after);
  if (message.kind == core::Kind::message) channel.offer(no, message.id);
  if (reader.kind == core::ReaderKind::poll) {
    stop_waiting(entry, no);
    if (!reader.gap_after) {
      entry.receivers[no]->deliver(delivery);
      return true;
    }
    core::Pending with_gap = channel.pending(reader.member, *reader.gap_after, true);
    with_gap.messages = delivery.pending.messages;
    with_gap.through = message.id;
    with_gap.more = false;
    entry.receivers[no]->deliver(Delivery{entry, with_gap, nullptr, nullptr});
    return true;
  }
  const bool open = entry.receivers[no]->deliver(delivery);
  if (!open && channel.reader(no).in_use) channel.reader(no).blocked = true;
  return true;
}

}  // namespace rogerthat::hub
