// The journal's side of a channel: applying events, and the snapshot that makes earlier ones
// unnecessary.
#include <algorithm>

#include "core/channel.h"

namespace rogerthat::core {

namespace {
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;
}  // namespace

void Channel::apply(Event event, Now now) {
  std::visit(
      Overloaded{[&](Joined& e) { apply_joined(std::move(e), now); },
                 [&](Left& e) { apply_left(e, now); }, [&](Posted& e) { post(std::move(e), now); },
                 [&](CursorsMoved& e) { apply_cursors(e, now); },
                 [&](Snapshot& e) { apply_snapshot(std::move(e), now); }},
      event);
}

void Channel::apply_cursors(const CursorsMoved& moved, Now) {
  for (const CursorsMoved::Position& position : moved.positions) {
    const MemberNo no = member_for(position.callsign);
    members_[no].offered = std::max(members_[no].offered, position.offered);
    advance(no, position.handed, position.confirmed, moved.at);
  }
}

Snapshot Channel::snapshot() const {
  Snapshot snapshot;
  snapshot.last_id = last_id_;
  snapshot.dropped_through = ring_.dropped_through();
  snapshot.first_joined_at = first_joined_at_;
  snapshot.read_marks.assign(read_marks_.begin(), read_marks_.end());
  for (const Member& member : members_) {
    if (!member.in_use) continue;
    Snapshot::Member& out = snapshot.members.emplace_back();
    out.callsign = member.callsign;
    out.handed = member.handed;
    out.confirmed = member.confirmed;
    out.offered = member.offered;
    out.baseline = member.baseline;
    out.last_seen = member.last_seen;
    out.verified = member.verified;
    for (const SentMemory& sent : member.sent) {
      out.sent.push_back({sent.client_id, sent.body_hash, sent.id, sent.at,
                          sent.to == kEveryone ? std::string() : members_[sent.to].callsign});
    }
  }
  for (const SessionNo no : join_order_) {
    const Session& session = sessions_[no];
    Joined& joined = snapshot.sessions.emplace_back();
    joined.session_id = session.id;
    joined.callsign = members_[session.member].callsign;
    joined.intro = session.intro;
    joined.identity_account = session.identity_account;
    joined.verified = members_[session.member].verified;
    joined.human_authorized = session.human_authorized;
    joined.shared = session.shared;
    joined.ack_explicit = session.ack_explicit;
    joined.at = session.joined_at;
  }
  for (const Tombstone& t : tombstones_) {
    Snapshot::Tombstone& out = snapshot.tombstones.emplace_back();
    out.session_id = t.session_id;
    out.callsign = t.callsign;
    out.until = t.until;
    out.expired = t.expired;
  }
  return snapshot;
}

void Channel::apply_snapshot(Snapshot snapshot, Now now) {
  while (!join_order_.empty()) apply_left({sessions_[join_order_.back()].id, false, now.wall}, now);
  tombstones_.clear();
  read_marks_.clear();
  for (const ReadMark& mark : snapshot.read_marks) read_marks_.push_back(mark);
  for (Snapshot::Tombstone& t : snapshot.tombstones) {
    tombstones_.push_back({std::move(t.session_id), std::move(t.callsign), t.until, t.expired});
  }
  for (Snapshot::Member& in : snapshot.members) {
    const MemberNo no = member_for(in.callsign);
    advance(no, in.handed, in.confirmed, 0);
    Member& member = members_[no];
    member.offered = std::max(member.offered, in.offered);
    member.baseline = in.baseline;
    member.last_seen = in.last_seen;
    member.verified = in.verified;
  }
  for (Snapshot::Member& in : snapshot.members) {  // all callsigns are known now
    const MemberNo no = find_member(in.callsign);
    for (Snapshot::Member::Sent& sent : in.sent) {
      if (find_sent(no, sent.client_id, sent.at) != nullptr) continue;
      const MemberNo to = sent.to.empty() ? kEveryone : member_for(sent.to);
      remember_sent(no,
                    SentMemory{std::move(sent.client_id), sent.body_hash, sent.id, sent.at, to});
    }
  }
  for (Joined& joined : snapshot.sessions) apply_joined(std::move(joined), now);
  last_id_ = std::max(last_id_, snapshot.last_id);
  ring_.drop_through(snapshot.dropped_through, [this](const Message& m) { release(m); });
  if (snapshot.first_joined_at != 0) first_joined_at_ = snapshot.first_joined_at;
}

}  // namespace rogerthat::core
