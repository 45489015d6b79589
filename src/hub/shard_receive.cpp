// Readers on a shard: parking, delivering what is pending, and judging what has been handed over.
#include <algorithm>
#include <utility>

#include "hub/shard.h"

namespace rogerthat::hub {

using core::kNone;
using core::ReaderKind;
using core::ReaderNo;

ReaderHandle Shard::receive(ChannelEntry& entry, const ReceiveRequest& request,
                            Receiver& receiver) {
  core::Channel& channel = entry.channel;
  const core::MemberNo member = channel.session(request.session).member;
  if (request.kind == ReaderKind::poll) supersede(entry, member);
  settle(entry, member);
  const core::MessageId confirmed = std::max(request.since.value_or(0), request.ack.value_or(0));
  if (confirmed > 0) confirm(entry, member, confirmed);

  const core::MessageId position = request.since ? *request.since : channel.cursor(request.session);
  const ReaderNo no =
      channel.attach(request.session, request.kind, position, now_.steady + request.timeout);
  channel.reader(no).presence = request.presence;
  if (entry.receivers.size() <= no) entry.receivers.resize(no + 1);
  entry.receivers[no] = &receiver;

  // Who names its position says itself where to begin.
  if (request.since || !channel.in_doubt(request.session)) {
    begin(entry, no, request.since.has_value());
  } else if (draining_) {
    end_reader(entry, no, EndReason::draining);
  } else {
    hold(entry, no);
  }
  return {entry.handle, no};
}

// From here on it is known where the reader is to begin. `statuses`: what it has waited through.
void Shard::begin(ChannelEntry& entry, ReaderNo no, bool explicit_since,
                  std::span<const core::Message> statuses) {
  core::Reader& reader = entry.channel.reader(no);
  if (!explicit_since) reader.position = entry.channel.cursor(reader.session);
  core::Pending backlog = entry.channel.pending(reader.member, reader.position, explicit_since);
  entry.receivers[no]->begins(entry, backlog.messages.size());
  if (reader.kind == ReaderKind::stream) {
    begin_stream(entry, no, explicit_since);
  } else {
    begin_poll(entry, no, explicit_since, std::move(backlog), statuses);
  }
}

void Shard::begin_stream(ChannelEntry& entry, ReaderNo no, bool explicit_since) {
  core::Reader& reader = entry.channel.reader(no);
  reader.deadline = now_.steady + core::kStreamPing;
  wheel_.add({kStreamPing, entry.handle.slot, entry.handle.generation, no, reader.deadline});
  pump(entry, no, explicit_since);
  if (draining_) end_reader(entry, no, EndReason::draining);
}

void Shard::begin_poll(ChannelEntry& entry, ReaderNo no, bool explicit_since, core::Pending pending,
                       std::span<const core::Message> statuses) {
  core::Channel& channel = entry.channel;
  core::Reader& reader = channel.reader(no);
  const core::MessageId position = reader.position;
  const bool tells_of_ring = !pending.messages.empty() || pending.gap;
  if (!pending.more) {
    for (const core::Message& status : statuses) pending.messages.push_back(&status);
    std::ranges::sort(pending.messages, {}, &core::Message::id);
  }
  // A gap alone is an answer too, but not where the caller names its position: it would name the
  // same one again at once. It is told with the first message then.
  const bool tell_gap = pending.gap && !explicit_since;
  if (!pending.messages.empty() || tell_gap) {
    stop_waiting(entry, no);
    if (pending.gap) channel.miss(no, position);
    // Who shows that it has read statuses alone has not shown that it has read what came before.
    if (tells_of_ring) channel.offer(no, pending.through);
    stats_.deliveries += pending.messages.size();
    in_motion(entry);
    entry.receivers[no]->deliver(Delivery{entry, pending, nullptr, nullptr});
    return;
  }
  reader.position = std::max(position, pending.through);
  if (pending.gap) reader.gap_after = position;
  if (draining_ || reader.deadline <= now_.steady) {
    end_reader(entry, no, EndReason::timed_out);
    return;
  }
  wheel_.add({kPollDeadline, entry.handle.slot, entry.handle.generation, no, reader.deadline});
}

// Writes to a stream what is pending, as long as its connection takes it.
void Shard::pump(ChannelEntry& entry, ReaderNo no, bool explicit_since) {
  core::Channel& channel = entry.channel;
  while (channel.reader(no).in_use && channel.reader(no).waiting && !channel.reader(no).blocked) {
    core::Reader& reader = channel.reader(no);
    const core::Pending pending = channel.pending(reader.member, reader.position, explicit_since);
    if (pending.messages.empty() && !pending.gap) {
      reader.position = std::max(reader.position, pending.through);
      return;
    }
    if (reader.position >= pending.through) return;
    if (pending.gap) channel.miss(no, reader.position);
    channel.offer(no, pending.through);
    stats_.deliveries += pending.messages.size();
    in_motion(entry);
    const bool open = entry.receivers[no]->deliver(Delivery{entry, pending, nullptr, nullptr});
    if (!open && channel.reader(no).in_use) channel.reader(no).blocked = true;
    explicit_since = true;  // from here on its own position counts
  }
}

void Shard::reader_drained(ReaderHandle handle) {
  ChannelEntry* entry = find(handle.channel);
  if (entry == nullptr || !entry->channel.reader(handle.reader).in_use) return;
  core::Reader& reader = entry->channel.reader(handle.reader);
  reader.blocked = false;
  if (reader.hold == 0) pump(*entry, handle.reader, true);
}

bool Shard::backlog_too_large(const ChannelEntry& entry, const core::Reader& reader) const {
  const core::Ring& ring = entry.channel.ring();
  std::size_t bytes = 0;
  for (std::size_t i = ring.size(); i > 0 && ring.at(i - 1).id > reader.position; --i) {
    if (core::Channel::receives(ring.at(i - 1), reader.member)) bytes += ring.at(i - 1).weight();
    if (bytes > stream_backlog_max_) return true;
  }
  return ring.dropped_through() > reader.position;
}

// A reader that waits keeps its session alive: the idle time begins where the waiting ends.
void Shard::stop_waiting(ChannelEntry& entry, ReaderNo no) {
  core::Reader& reader = entry.channel.reader(no);
  if (reader.waiting && reader.session != kNone) entry.channel.touch(reader.session, now_);
  reader.waiting = false;
  if (reader.hold != 0) holds_.erase(std::exchange(reader.hold, 0));
}

// One poll a callsign: the newest. An older one is told to stop, at once or, where two programs
// take each other's place again and again, after a while in which it waits for nothing.
void Shard::supersede(ChannelEntry& entry, core::MemberNo member) {
  core::Channel& channel = entry.channel;
  std::vector<ReaderNo> older;
  for (ReaderNo no = channel.member(member).first_reader; no != kNone;
       no = channel.reader(no).next) {
    const core::Reader& reader = channel.reader(no);
    if (reader.kind == ReaderKind::poll && reader.waiting) older.push_back(no);
  }
  for (const ReaderNo no : older) {
    const std::uint64_t key = std::uint64_t{entry.handle.slot} << 32 | entry.handle.generation;
    const Millis delay = displaced_polls_.displaced(key, member, now_.steady);
    if (delay == 0 || draining_) {
      end_reader(entry, no, EndReason::superseded);
      continue;
    }
    stop_waiting(entry, no);
    core::Reader& reader = channel.reader(no);
    reader.displaced = true;
    reader.deadline = now_.steady + delay;
    wheel_.add({kPollDeadline, entry.handle.slot, entry.handle.generation, no, reader.deadline});
  }
}

void Shard::poll_due(ChannelEntry& entry, ReaderNo no) {
  const core::Reader& reader = entry.channel.reader(no);
  if (!reader.in_use || reader.kind != ReaderKind::poll || reader.deadline > now_.steady) return;
  if (reader.displaced) return end_reader(entry, no, EndReason::contended);
  if (reader.waiting && reader.hold == 0) end_reader(entry, no, EndReason::timed_out);
}

void Shard::end_reader(ChannelEntry& entry, ReaderNo no, EndReason reason) {
  stop_waiting(entry, no);
  entry.channel.reader(no).displaced = false;
  if (reason == EndReason::too_slow) ++stats_.slow_streams_cut;
  entry.receivers[no]->end(reason);
}

void Shard::handed_over(ChannelEntry& entry, ReaderNo no, bool confirmed) {
  const core::Reader& reader = entry.channel.reader(no);
  if (reader.owed == 0) return;
  const core::MemberNo member = reader.member;
  ++stats_.handed_over;
  entry.channel.settle(no, true, confirmed, now_);
  cursor_moved(entry, member);
}

void Shard::cursor_moved(ChannelEntry& entry, core::MemberNo member) {
  in_motion(entry);
  check_awaits(entry, member);
  let_go(entry, member);
}

void Shard::settle(ChannelEntry& entry, core::MemberNo member) {
  std::vector<ReaderNo> arrived;
  for (ReaderNo no = entry.channel.member(member).first_reader; no != kNone;
       no = entry.channel.reader(no).next) {
    core::Reader& reader = entry.channel.reader(no);
    if (reader.owed == 0) continue;
    if (entry.receivers[no]->acknowledged()) arrived.push_back(no);
    reader.cut = !entry.receivers[no]->connected();
  }
  for (const ReaderNo no : arrived) handed_over(entry, no, false);
}

void Shard::settle_all(ChannelEntry& entry) {
  bool owing = false;
  for (ReaderNo no = 0; no < entry.channel.reader_slots(); ++no) {
    if (!entry.channel.reader(no).in_use || entry.channel.reader(no).owed == 0) continue;
    if (entry.receivers[no]->acknowledged()) {
      handed_over(entry, no, false);
    } else {
      owing = true;
    }
  }
  if (owing) in_motion(entry);
}

void Shard::confirm(ChannelEntry& entry, core::MemberNo member, core::MessageId id) {
  entry.channel.confirm(member, id, now_);
  cursor_moved(entry, member);
}

void Shard::acknowledge(ChannelEntry& entry, core::MemberNo member, core::MessageId id) {
  entry.channel.acknowledge(member, id, now_);
  cursor_moved(entry, member);
}

void Shard::reader_next_request(ReaderHandle handle) {
  ChannelEntry* entry = find(handle.channel);
  if (entry == nullptr || !entry->channel.reader(handle.reader).in_use) return;
  handed_over(*entry, handle.reader, true);
  entry->channel.detach(handle.reader);
  entry->receivers[handle.reader] = nullptr;
}

void Shard::reader_closed(ReaderHandle handle, bool acknowledged) {
  ChannelEntry* entry = find(handle.channel);
  if (entry == nullptr || !entry->channel.reader(handle.reader).in_use) return;
  if (acknowledged) {
    handed_over(*entry, handle.reader, false);
  } else if (entry->channel.reader(handle.reader).owed != 0) {
    ++stats_.redelivered;
  }
  stop_waiting(*entry, handle.reader);
  const core::MemberNo member = entry->channel.reader(handle.reader).member;
  entry->channel.detach(handle.reader);
  entry->receivers[handle.reader] = nullptr;
  let_go(*entry, member);
}

}  // namespace rogerthat::hub
