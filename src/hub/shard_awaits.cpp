// Senders on a shard that await what becomes of their message: that it is handed over, confirmed or
// answered. Hand-overs are judged when somebody asks, so while one is awaited the shard asks.
#include <algorithm>
#include <utility>

#include "hub/awaits.h"
#include "hub/shard.h"

namespace rogerthat::hub {

using core::kEveryone;
using core::MemberNo;
using core::ReceiptState;

namespace {
constexpr Millis kAwaitLook = 25;  // how often hand-overs are judged while somebody waits for one
}

// Somebody waits for our reply, and this is none: two that wait for each other would wait in vain.
bool Shard::await_conflict(const ChannelEntry& entry, MemberNo from, MemberNo to,
                           core::MessageId reply_to) const {
  return std::ranges::any_of(entry.awaits, [&](const auto& await) {
    return await->awaited == AwaitFor::reply && await->from == to && await->to == from &&
           await->reply.id != reply_to;
  });
}

void Shard::answer_or_await(ChannelEntry& entry, Sending sending) {
  if (sending.awaited == AwaitFor::nothing || draining_) {
    return sending.answer(std::move(sending.reply));
  }
  // Its session has ended while the disk was written: nobody is to hear of more.
  if (!entry.channel.online(sending.from)) {
    sending.reply.await_timed_out = true;
    return sending.answer(std::move(sending.reply));
  }
  sending.deadline = now_.steady + std::min(sending.await_time, core::kWaitTimeoutMax);
  entry.awaits.push_back(std::make_unique<Sending>(std::move(sending)));
  look_after_awaits(entry);
}

void Shard::resolve_await(ChannelEntry& entry, std::size_t index) {
  auto await = std::move(entry.awaits[index]);
  entry.awaits.erase(entry.awaits.begin() + static_cast<std::ptrdiff_t>(index));
  if (await->reply.receipt || await->reply.reply != nullptr) {
    await->reply.queued = false;  // it has been handed over meanwhile
    await->reply.reach = core::Reach::at_once;
  }
  await->answer(std::move(await->reply));
}

void Shard::give_up_await(ChannelHandle channel, AwaitId id) {
  ChannelEntry* entry = find(channel);
  if (entry == nullptr) return;
  for (std::size_t i = 0; i < entry->awaits.size(); ++i) {
    if (entry->awaits[i]->await_id != id) continue;
    entry->awaits[i]->reply.await_timed_out = true;
    resolve_await(*entry, i);
    return;
  }
}

// `moved`: the callsign whose cursor has moved.
void Shard::check_awaits(ChannelEntry& entry, MemberNo moved) {
  for (std::size_t i = 0; i < entry.awaits.size();) {
    Sending& await = *entry.awaits[i];
    const bool addressed =
        await.to == moved ||
        (await.to == kEveryone && entry.channel.was_meant_for(moved, await.from, await.reply.id));
    if (!addressed || await.awaited == AwaitFor::reply) {
      ++i;
      continue;
    }
    const core::Member& member = entry.channel.member(moved);
    const core::MessageId reached =
        await.awaited == AwaitFor::confirmed ? member.confirmed : member.handed;
    if (reached < await.reply.id) {
      ++i;
      continue;
    }
    const ReceiptState state = entry.channel.receipt_of(await.from, moved, await.reply.id, false);
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
    Sending& await = *entry.awaits[i];
    const bool meant = await.awaited == AwaitFor::reply && await.reply.id == message.reply_to &&
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
    wants_receipts = wants_receipts || await->awaited != AwaitFor::reply;
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
