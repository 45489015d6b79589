// Readers and cursors: what is pending, what has been written, what is known to have arrived.
#include <algorithm>
#include <utility>

#include "core/channel.h"

namespace rogerthat::core {

Pending Channel::pending(MemberNo viewer, MessageId position, bool explicit_since) const {
  Pending found;
  found.through = position;
  std::size_t bytes = 0;
  for (std::size_t i = ring_.first_after(position); i < ring_.size(); ++i) {
    const Message& message = ring_.at(i);
    if (message.id > committed_through_) break;
    if (receives(message, viewer)) {
      bytes += message.weight();
      const bool full = found.messages.size() >= kAnswerMessagesMax ||
                        (bytes > kAnswerBytesMax && !found.messages.empty());
      if (full) {
        found.more = true;
        break;
      }
      found.messages.push_back(&message);
    }
    found.through = message.id;
  }

  // A caller that names a position knows what it has; else what was dropped before the first join
  // is no gap. After a restart that has cost messages nobody can tell a first join from a return:
  // whoever has not been handed anything since is told, whatever it confirms of an earlier life.
  const bool names_position = explicit_since && position > 0;
  const bool may_be_back = lost_ && members_[viewer].handed < members_[viewer].baseline;
  const MessageId known =
      names_position || may_be_back ? position : std::max(position, members_[viewer].baseline);
  if (ring_.dropped_through() > known) {
    Gap gap;
    std::int64_t missed = 0;
    for (std::size_t i = 0; i < ring_.dropped_size(); ++i) {
      const Dropped& dropped = ring_.dropped_at(i);
      const bool for_viewer =
          dropped.from != viewer && (dropped.to == kEveryone || dropped.to == viewer);
      if (dropped.id > known && dropped.id <= committed_through_ && for_viewer) ++missed;
    }
    const bool count_is_known = known >= ring_.dropped_known_after();
    if (count_is_known) gap.dropped = missed;
    for (std::size_t i = 0; i < ring_.size() && !gap.oldest_id; ++i) {
      const Message& message = ring_.at(i);
      if (message.id <= committed_through_ && receives(message, viewer)) gap.oldest_id = message.id;
    }
    if (!count_is_known || missed > 0) found.gap = gap;
    found.through = std::max(found.through, std::min(ring_.dropped_through(), committed_through_));
  }
  return found;
}

MessageId Channel::cursor(SessionNo no) const {
  const Session& session = sessions_[no];
  const Member& member = members_[session.member];
  return session.ack_explicit ? member.confirmed : std::max(member.handed, member.confirmed);
}

std::size_t Channel::unread(SessionNo no) const {
  const MemberNo viewer = sessions_[no].member;
  std::size_t count = 0;
  for (std::size_t i = ring_.first_after(cursor(no)); i < ring_.size(); ++i) {
    if (ring_.at(i).id <= committed_through_ && receives(ring_.at(i), viewer)) ++count;
  }
  return count;
}

bool Channel::in_doubt(SessionNo no) const {
  const Session& session = sessions_[no];
  if (session.ack_explicit) return false;  // only a confirmation moves its cursor, no arrival
  const MessageId known = cursor(no);
  for (ReaderNo r = members_[session.member].first_reader; r != kNone; r = readers_[r].next) {
    if (readers_[r].owed > known && !readers_[r].cut) return true;
  }
  return false;
}

void Channel::advance(MemberNo no, MessageId handed, MessageId confirmed, Millis wall) {
  Member& member = members_[no];
  if (handed <= member.handed && confirmed <= member.confirmed) return;
  const MessageId from = std::min(member.handed, member.confirmed);
  member.handed = std::max(member.handed, handed);
  member.confirmed = std::max(member.confirmed, confirmed);
  const MessageId to = std::max(member.handed, member.confirmed);
  if (!member.cursor_dirty) {
    member.cursor_dirty = true;
    moved_.push_back(no);
  }
  if (options_.inbox && wall != 0) note_read(to, wall);
  for (std::size_t i = ring_.first_after(from); i < ring_.size() && ring_.at(i).id <= to; ++i) {
    Message& message = ring_.at(i);
    if (message.to != no) continue;
    if (!message.receipt) message.receipt = std::make_unique<DirectReceipt>();
    DirectReceipt& receipt = *message.receipt;
    const bool is_confirmed = message.id <= member.confirmed;
    if (receipt.delivered_at == 0) receipt.delivered_at = wall;
    if (is_confirmed && receipt.confirmed_at == 0) receipt.confirmed_at = wall;
  }
}

// When something was read matters to the day: what is read within one shares a mark.
void Channel::note_read(MessageId through, Millis wall) {
  const bool fresh = read_marks_.empty() || wall / kDay > read_marks_.back().at / kDay;
  if (fresh) read_marks_.emplace_back();
  read_marks_.back() = {through, std::max(read_marks_.back().at, wall)};
}

void Channel::confirm(MemberNo no, MessageId id, Now now) {
  id = std::min(id, members_[no].offered);
  advance(no, id, id, now.wall);
}

void Channel::acknowledge(MemberNo no, MessageId id, Now now) {
  id = std::min(id, committed_through_);
  members_[no].offered = std::max(members_[no].offered, id);
  advance(no, id, id, now.wall);
}

ReaderNo Channel::attach(SessionNo session, ReaderKind kind, MessageId position, Millis deadline) {
  ReaderNo no;
  if (free_reader_ == kNone) {
    no = static_cast<ReaderNo>(readers_.size());
    readers_.emplace_back();
  } else {
    no = free_reader_;
    free_reader_ = readers_[no].next;
  }
  Reader& reader = readers_[no];
  reader = Reader{};
  reader.session = session;
  reader.member = sessions_[session].member;
  reader.kind = kind;
  reader.waiting = true;
  reader.position = position;
  reader.newest = last_id_;
  reader.deadline = deadline;
  if (swallowed_) swallowed_->given = last_id_;
  Member& member = members_[reader.member];
  reader.next = member.first_reader;
  member.first_reader = no;
  ++readers_attached_;
  return no;
}

void Channel::offer(ReaderNo no, MessageId through) {
  Reader& reader = readers_[no];
  reader.position = std::max(reader.position, through);
  reader.owed = std::max(reader.owed, through);
  Member& member = members_[reader.member];
  member.offered = std::max(member.offered, through);
}

void Channel::miss(ReaderNo no, MessageId position) {
  Member& member = members_[readers_[no].member];
  MessageId after = std::max(position, member.handed);
  for (ReaderNo r = member.first_reader; r != kNone; r = readers_[r].next) {
    after = std::max(after, readers_[r].owed);  // on its way: its receipt follows the cursor
  }
  const MessageId through = ring_.dropped_through();
  if (after >= through) return;
  member.missed.erase_if(
      [this](const Missed& m) { return m.through <= ring_.dropped_known_after(); });
  if (!member.missed.empty() && after <= member.missed.back().through) {
    Missed& last = member.missed.back();  // told before, perhaps in vain
    last = {std::min(last.after, after), std::max(last.through, through)};
  } else {
    member.missed.push_back({after, through});
  }
}

void Channel::settle(ReaderNo no, bool handed_over, bool confirmed, Now now) {
  Reader& reader = readers_[no];
  if (reader.owed == 0) return;
  if (handed_over) advance(reader.member, reader.owed, confirmed ? reader.owed : 0, now.wall);
  reader.owed = 0;
}

void Channel::detach(ReaderNo no) {
  Reader& reader = readers_[no];
  ReaderNo* link = &members_[reader.member].first_reader;
  while (*link != no) link = &readers_[*link].next;
  *link = reader.next;
  reader = Reader{};
  reader.in_use = false;
  reader.next = std::exchange(free_reader_, no);
  --readers_attached_;
}

bool Channel::has_waiting_reader(SessionNo session) const {
  for (ReaderNo r = members_[sessions_[session].member].first_reader; r != kNone;
       r = readers_[r].next) {
    if (readers_[r].session == session && readers_[r].waiting) return true;
  }
  return false;
}

Reach Channel::reach(MemberNo from, MemberNo to, std::size_t reached) const {
  if (reached > 0) return Reach::at_once;
  if (to == kEveryone) return Reach::nobody;
  if (to == from) return Reach::itself;
  return online(to) ? Reach::later : Reach::away;
}

SlimVector<MemberNo> Channel::take_moved_cursors() {
  SlimVector<MemberNo> moved = std::exchange(moved_, {});
  for (const MemberNo no : moved) members_[no].cursor_dirty = false;
  return moved;
}

}  // namespace rogerthat::core
