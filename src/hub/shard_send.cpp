// Sending on a shard: post, commit, publish, and what a sender waits for.
#include <algorithm>
#include <utility>

#include "core/transcript.h"
#include "hub/awaits.h"
#include "hub/shard.h"

namespace rogerthat::hub {

using core::kEveryone;
using core::kNone;
using core::MemberNo;
using core::ReaderNo;
using core::ReceiptState;

namespace {
constexpr Millis kAwaitLook = 25;  // how often hand-overs are judged while somebody waits for one
}

Error Shard::not_stored() const {
  return {ErrorCode::unavailable, "The message is not stored: " + store_trouble_ + ".",
          "Send it again with the same client_id: it is delivered once.", 5};
}

void Shard::send(ChannelEntry& entry, SendRequest request, Done<SendReply> done) {
  if (auto ok = disk_ready(entry); !ok) {
    done(std::unexpected(ok.error()));
    return;
  }
  core::Channel& channel = entry.channel;
  const bool reserved = channel.next_id(now_) <= id_ceiling_stored_;
  if (!entry.record.options.durable && !reserved && store_healthy_) {
    send_when_reserved(entry, std::move(request), std::move(done));
    return;
  }
  const MemberNo from = request.command.session == kNone
                            ? request.command.from
                            : channel.session(request.command.session).member;
  auto plan = channel.decide_send(std::move(request.command), now_);
  if (!plan) {
    done(std::unexpected(plan.error()));
    return;
  }
  core::Message& planned = plan->posted.message;
  SendReply reply;
  reply.queued = plan->queued;
  if (plan->outcome == core::SendPlan::Outcome::duplicate) {
    reply.id = plan->duplicate_id;
    reply.at = plan->duplicate_at;
    reply.to = plan->duplicate_to;
    reply.duplicate = true;
    // The first one may still be on its way to the disk.
    after_commit(entry, [reply = std::move(reply), done = std::move(done)](bool stored) mutable {
      if (!done) return;
      auto answer = std::exchange(done, nullptr);
      if (stored) {
        answer(std::move(reply));
      } else {
        answer(fail(ErrorCode::unavailable, "The message is not stored yet.", "Send it again."));
      }
    });
    return;
  }
  const MemberNo to = planned.to;
  reply.id = planned.id;
  reply.at = planned.at;
  reply.to = channel.callsign_of(to);
  reply.kind = planned.kind;
  reply.priority = planned.priority;
  if (planned.extras) {
    reply.suggested_replies = planned.extras->suggested_replies;
  }
  note_id(planned.id);

  if (plan->outcome == core::SendPlan::Outcome::status) {
    channel.use_status_id(planned.id);
    if (!entry.record.options.durable) {
      reply.reached = publish(entry, planned);
      done(std::move(reply));
      return;
    }
    // Behind the messages that were sent before it.
    after_commit(entry, [this, handle = entry.handle, status = std::move(planned),
                         reply = std::move(reply), done = std::move(done)](bool stored) mutable {
      auto answer = std::exchange(done, nullptr);
      if (!answer) return;  // the disk has refused in between: its moment is over
      ChannelEntry* channel_entry = find(handle);
      if (!stored || channel_entry == nullptr) {
        answer(fail(ErrorCode::unavailable, "The status was not passed on.", "Send it again."));
        return;
      }
      reply.reached = publish(*channel_entry, status);
      answer(std::move(reply));
    });
    return;
  }

  counters_.messages_total.store(counters_.messages_total.load(std::memory_order_relaxed) + 1,
                                 std::memory_order_relaxed);
  ++stats_.messages;
  const core::ChannelOptions& options = entry.record.options;
  if (options.retention != core::Retention::none) {
    const core::Member& sender = channel.member(from);
    write_transcript(entry, core::message_entry(options.retention, planned, sender.callsign,
                                                reply.to, !sender.spoke));
    if (!sender.spoke) channel.mark_spoke(from);
  }
  const core::MessageId reply_to = planned.reply_to;
  const bool conflict = request.await == AwaitFor::reply && !entry.awaits.empty() &&
                        await_conflict(entry, from, to, reply_to);
  if (conflict) {
    reply.await_conflict = true;
    request.await = AwaitFor::nothing;
  }
  if (!options.durable) {
    const core::Message& message = channel.post(std::move(plan->posted), now_);
    in_motion(entry);
    hook_message(entry, message);
    reply.reached = publish(entry, message);
    if (!entry.awaits.empty()) check_awaited_reply(entry, reply.id);
    reply_or_await(entry, from, to, request, std::move(reply), done);
    return;
  }

  if (plan->outcome == core::SendPlan::Outcome::dropped) {
    swallow(entry, std::move(plan->posted), std::move(reply), std::move(done));
    return;
  }
  core::Posted& posted = plan->posted;
  posted.from = channel.callsign_of(from);
  posted.to = to == kEveryone ? std::string() : std::string(channel.callsign_of(to));
  posted.dropped_through =
      channel.ring().dropped_through_after(planned.weight(), options.ring_size, options.ring_bytes);
  planned.seq = next_seq();
  batch_.journal.push_back({planned.seq, entry.record.no, codec_.encode(posted, entry.record.no)});
  hook_message(entry, channel.post(std::move(posted), now_));
  forget_released(entry);
  in_motion(entry);
  after_commit(entry, [this, handle = entry.handle, from, to, request = std::move(request),
                       reply = std::move(reply), done = std::move(done)](bool stored) mutable {
    if (!stored) {
      if (auto answer = std::exchange(done, nullptr)) {
        answer(std::unexpected(not_stored()));
      }
      return;
    }
    ChannelEntry* channel_entry = find(handle);
    if (channel_entry == nullptr) {
      if (done) done(fail(ErrorCode::not_found, "The channel has been closed."));
      return;
    }
    channel_entry->channel.commit_through(reply.id);
    const core::Message* message = channel_entry->channel.find_message(reply.id);
    if (message == nullptr) {
      tell_dropped(*channel_entry, from, to, reply.id);
    } else {
      reply.reached = publish(*channel_entry, *message);
      if (!channel_entry->awaits.empty()) check_awaited_reply(*channel_entry, reply.id);
    }
    if (done) reply_or_await(*channel_entry, from, to, request, std::move(reply), done);
  });
}

// The sender is told what it would be told otherwise, as late: it waits for a commit, too.
void Shard::swallow(ChannelEntry& entry, core::Posted posted, SendReply reply,
                    Done<SendReply> done) {
  entry.channel.drop(std::move(posted));
  journal(entry, core::CursorsMoved{.positions = {}, .at = now_.wall});
  snapshot_if_due(entry);
  after_commit(entry,
               [this, reply = std::move(reply), done = std::move(done)](bool stored) mutable {
                 if (!done) return;
                 auto answer = std::exchange(done, nullptr);
                 if (stored) {
                   answer(std::move(reply));
                 } else {
                   answer(std::unexpected(not_stored()));
                 }
               });
}

// A channel in memory waits for no commit, but an id that is seen before it is reserved on disk
// could be given again after a crash: right after a start, and when the clock has jumped ahead.
// Where the disk refuses, the channel goes on all the same.
void Shard::send_when_reserved(ChannelEntry& entry, SendRequest request, Done<SendReply> done) {
  note_id(entry.channel.next_id(now_));
  const core::SendCommand& command = request.command;
  const bool by_session = command.session != kNone;
  std::string from = by_session ? entry.channel.session(command.session).id
                                : std::string(entry.channel.callsign_of(command.from));
  std::string to(request.command.to.value_or(""));
  effects_.push_back(
      {batch_.empty() ? ticket_ - 1 : ticket_,
       [this, handle = entry.handle, by_session, from = std::move(from), to = std::move(to),
        request = std::move(request), done = std::move(done)](bool) mutable {
         if (!done) return;
         auto answer = std::exchange(done, nullptr);
         ChannelEntry* channel = find(handle);
         if (channel == nullptr) {
           answer(fail(ErrorCode::not_found, "The channel has been closed."));
           return;
         }
         if (by_session) {
           const auto session = channel->channel.find_session(from, now_);
           if (!session) {
             answer(std::unexpected(session.error()));
             return;
           }
           request.command.session = *session;
         } else {
           request.command.from = channel->channel.sender(from, now_);
         }
         request.command.to = to;
         send(*channel, std::move(request), std::move(answer));
       }});
}

// Gives a message to everybody who waits for it and may see it; says how many that were.
std::size_t Shard::publish(ChannelEntry& entry, const core::Message& message) {
  if (!entry.watches.empty() && message.kind == core::Kind::message) {
    tell_watchers(entry, message);
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
    for (const ReaderNo no : readers) reached += hand_to(entry, no, message, delivery) ? 1 : 0;
  } else {
    const std::size_t slots = entry.channel.reader_slots();
    for (ReaderNo no = 0; no < slots; ++no) {
      reached += hand_to(entry, no, message, delivery) ? 1 : 0;
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

// ------------------------------------------------------------------------------------------ awaits

// Somebody waits for our reply, and this is none: two that wait for each other would wait in vain.
bool Shard::await_conflict(const ChannelEntry& entry, MemberNo from, MemberNo to,
                           core::MessageId reply_to) const {
  return std::ranges::any_of(entry.awaits, [&](const auto& await) {
    return await->what == AwaitFor::reply && await->from == to && await->to == from &&
           await->id != reply_to;
  });
}

void Shard::reply_or_await(ChannelEntry& entry, MemberNo from, MemberNo to, SendRequest& request,
                           SendReply reply, Done<SendReply>& done) {
  if (request.await == AwaitFor::nothing || draining_) {
    std::exchange(done, nullptr)(std::move(reply));
    return;
  }
  // Its session has ended while the disk was written: nobody is to hear of more.
  if (!entry.channel.online(from)) {
    reply.await_timed_out = true;
    std::exchange(done, nullptr)(std::move(reply));
    return;
  }
  auto await = std::make_unique<AwaitEntry>();
  await->id = reply.id;
  await->from = from;
  await->to = to;
  await->what = request.await;
  await->deadline = now_.steady + std::min(request.await_time, core::kWaitTimeoutMax);
  await->waiter = request.waiter;
  await->reply = std::move(reply);
  await->done = std::exchange(done, nullptr);
  entry.awaits.push_back(std::move(await));
  look_after_awaits(entry);
}

void Shard::resolve_await(ChannelEntry& entry, std::size_t index) {
  auto await = std::move(entry.awaits[index]);
  entry.awaits.erase(entry.awaits.begin() + static_cast<std::ptrdiff_t>(index));
  await->done(std::move(await->reply));
}

void Shard::give_up_await(ChannelHandle channel, std::uint64_t waiter) {
  ChannelEntry* entry = find(channel);
  if (entry == nullptr) return;
  for (std::size_t i = 0; i < entry->awaits.size(); ++i) {
    if (entry->awaits[i]->waiter != waiter) continue;
    entry->awaits[i]->reply.await_timed_out = true;
    resolve_await(*entry, i);
    return;
  }
}

// `moved`: the callsign whose cursor has moved.
void Shard::check_awaits(ChannelEntry& entry, MemberNo moved) {
  for (std::size_t i = 0; i < entry.awaits.size();) {
    AwaitEntry& await = *entry.awaits[i];
    const bool addressed =
        await.to == moved ||
        (await.to == kEveryone && entry.channel.was_meant_for(moved, await.from, await.id));
    if (!addressed || await.what == AwaitFor::reply) {
      ++i;
      continue;
    }
    const core::Member& member = entry.channel.member(moved);
    const core::MessageId reached =
        await.what == AwaitFor::confirmed ? member.confirmed : member.handed;
    if (reached < await.id) {
      ++i;
      continue;
    }
    const ReceiptState state = entry.channel.receipt_of(await.from, moved, await.id, false);
    // A cursor may pass what its callsign has missed: of all, somebody else may get it.
    if (await.to == kEveryone && state == ReceiptState::dropped) {
      ++i;
      continue;
    }
    await.reply.receipt = state;
    await.reply.receipt_callsign = member.callsign;
    resolve_await(entry, i);
  }
}

void Shard::check_awaited_reply(ChannelEntry& entry, core::MessageId id) {
  const core::Message* held = entry.channel.find_message(id);
  if (held == nullptr || held->reply_to == 0) return;
  const core::Message& message = *held;
  for (std::size_t i = 0; i < entry.awaits.size();) {
    AwaitEntry& await = *entry.awaits[i];
    const bool meant = await.what == AwaitFor::reply && await.id == message.reply_to &&
                       core::Channel::receives(message, await.from);
    if (!meant) {
      ++i;
      continue;
    }
    await.reply.reply = &message;
    resolve_await(entry, i);
  }
}

void Shard::look_after_awaits(ChannelEntry& entry) {
  bool wants_receipts = false;
  Millis first_deadline = 0;
  for (const auto& await : entry.awaits) {
    wants_receipts = wants_receipts || await->what != AwaitFor::reply;
    first_deadline =
        first_deadline == 0 ? await->deadline : std::min(first_deadline, await->deadline);
  }
  if (wants_receipts) settle_all(entry);
  for (std::size_t i = 0; i < entry.awaits.size();) {
    if (entry.awaits[i]->deadline > now_.steady) {
      ++i;
      continue;
    }
    entry.awaits[i]->reply.await_timed_out = true;
    resolve_await(entry, i);
  }
  if (entry.awaits.empty()) return;
  const Millis next = wants_receipts ? now_.steady + kAwaitLook : first_deadline;
  if (entry.awaits_due > now_.steady && entry.awaits_due <= next) return;  // that one will do
  entry.awaits_due = next;
  wheel_.add({kAwaits, entry.handle.slot, entry.handle.generation, 0, next});
}

}  // namespace rogerthat::hub
