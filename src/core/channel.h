// A channel: its callsigns, sessions, ring, cursors, readers and rules. Pure: no clock, no
// randomness, no I/O. A command and the state give a plan (decide_*, const); events change the
// state (apply). Recovery is apply over the journal, and so is the simulator's replay.
//
// Words: a *member* is a callsign that has ever joined; a *session* is its live presence (at most
// one a callsign); a *reader* is a poll or stream of a session, waiting, or answered with its
// hand-over not known yet. *Cursors* belong to members.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/flat_index.h"
#include "base/slim_vector.h"
#include "base/time.h"
#include "core/command.h"
#include "core/event.h"
#include "core/loop_guard.h"
#include "core/ring.h"
#include "core/types.h"

namespace rogerthat::core {

// A send that must not be delivered twice, as remembered per callsign.
struct SentMemory {
  std::string client_id;
  std::uint64_t body_hash = 0;
  MessageId id = 0;
  Millis at = 0;
  MemberNo to = kEveryone;
  bool swallowed = false;
};

// What the owner of an inbox does not get, because it blocks the sender, seen as that sender would
// see it if it were let in. One sender's; `unread` as if what was sent lay there.
struct Swallowed {
  MessageId taken = 0;  // the last that would have been given to who was waiting
  MessageId last = 0;
  std::size_t unread = 0;
  std::size_t unread_bytes = 0;
};
struct SwallowedSends {
  MessageId given = 0;  // up to here the owner would have been given everything
  std::unordered_map<MemberNo, Swallowed> by_sender;
};

// Messages that were dropped before a member had got them, though its cursor may pass them.
struct Missed {
  MessageId after = 0;
  MessageId through = 0;
};

struct Member {
  std::string callsign;
  MessageId handed = 0;     // the cursor: everything up to here has been handed over
  MessageId confirmed = 0;  // ... and confirmed
  MessageId offered = 0;    // the highest id ever written to it, acknowledged or not
  MessageId baseline = 0;   // what was dropped before its first join is no gap
  Millis last_seen = 0;     // wall; of its last session's end or activity
  SessionNo session = kNone;
  ReaderNo first_reader = kNone;
  bool verified = false;  // bound to an identity
  bool spoke = false;     // has a message in the transcript (retention `prompts`)
  bool cursor_dirty = false;
  bool pools = false;  // its receives come on several connections, each before the last is settled
  bool in_use = true;
  SlimVector<SentMemory> sent;  // oldest first
  SlimVector<Missed> missed;    // oldest first; of what the ring remembers as dropped
};

struct Session {
  std::string id;
  std::string intro;
  std::string identity_account;
  MemberNo member = kNone;
  Millis joined_at = 0;           // wall
  Millis last_seen = 0;           // steady
  bool human_authorized = false;  // the owner password was given for it
  bool shared = false;            // ... and somebody else has its id who has not given it
  bool ack_explicit = false;
  bool in_use = true;

  // Whether whoever speaks by its id is known to have a human behind it.
  bool is_authorized() const { return human_authorized && !shared; }
};

// A journal row that the ring needs no more.
struct ReleasedRow {
  std::int64_t seq = 0;
  Millis needed_until = 0;  // wall; it still holds a client_id that must be remembered
};

enum class ReaderKind : std::uint8_t { poll, stream };

struct Reader {
  SessionNo session = kNone;  // kNone once the session has ended
  MemberNo member = kNone;
  ReaderNo next = kNone;  // of the same member
  ReaderKind kind = ReaderKind::poll;
  bool waiting = false;    // wants what comes; an answered poll does not
  bool blocked = false;    // a stream whose connection takes no more just now
  bool presence = false;   // a stream that wants join and leave events
  bool cut = false;        // owes something, and its connection has gone: it may come back for it
  bool displaced = false;  // a poll whose place a newer one has taken: it is answered late
  bool in_use = true;
  // Names what a receive waits with, while it is in doubt where it is to begin; 0: it is not.
  std::uint32_t hold = 0;
  MessageId position = 0;  // has been written everything up to here
  MessageId newest = 0;    // the newest id of the channel when it came
  MessageId owed = 0;      // written but not known to be handed over; 0: nothing
  Millis deadline = 0;     // steady; polls
  // A parked poll that named this position has missed something, and is told with the next message.
  std::optional<MessageId> gap_after;

  bool unanswered() const { return waiting || displaced; }
};

class Channel {
 public:
  // `id_floor`: ids start above it. `lost_through`: what was in memory up to here is gone, and who
  // joins is told so; 0: nothing was.
  Channel(ChannelOptions options, MessageId id_floor, MessageId lost_through);
  Channel(Channel&&) noexcept = default;
  Channel& operator=(Channel&&) noexcept = default;

  const ChannelOptions& options() const { return options_; }

  // --- Decisions. Nothing changes.
  Result<JoinPlan> decide_join(const JoinCommand& command, Now now) const;
  // The live session of that id, or why there is none (not_joined, session_expired).
  Result<SessionNo> find_session(std::string_view session_id, Now now) const;
  // Of a session that has ended and is remembered.
  struct Ended {
    std::string_view callsign;
    bool by_operator = false;
  };
  std::optional<Ended> ended_session(std::string_view session_id, Now now) const;
  std::optional<Left> decide_leave(std::string_view session_id, Now now) const;
  std::optional<Left> decide_expiry(SessionNo session, Now now) const;  // idle beyond the TTL
  Result<SendPlan> decide_send(SendCommand command, Now now) const;
  Result<MemberNo> resolve_addressee(std::string_view to) const;  // kEveryone for `all`
  Snapshot snapshot() const;

  // --- Changes.
  void apply(Event event, Now now);
  // The hot path of apply(Posted): the message as the ring holds it.
  Message& post(Posted posted, Now now);
  void use_status_id(MessageId id);  // a status takes an id and leaves no other trace
  void drop(Posted posted);          // a blocked one: its id and client_id are all that is kept
  // Whether a blocked one that was dropped would have been taken at once. As such a message would,
  // it uses up the poll that takes it: for this sender.
  bool take_swallowed(MemberNo from, MemberNo to, MessageId id);
  // Durable channels: messages up to here are on stable storage and may be seen.
  void commit_through(MessageId id);
  // Inboxes: what had been read by then is needed no more.
  void forget_read(Millis before);
  // Memory is wanted elsewhere: the oldest messages go until that many bytes have. Readers are told
  // of the gap as if the ring had been full. Says how many messages went.
  std::size_t let_go(std::size_t bytes);
  // ... or the data of attachments, of which their messages tell. Says how many attachments went.
  std::size_t let_go_of_attachments(std::size_t bytes) { return ring_.drop_attachments(bytes); }
  void end_recovery();
  void touch(SessionNo session, Now now);  // every call that carries the session id
  void forget_tombstones(Now now);
  // The key of this callsign has ended: no id of a session that it opened comes back, not even to
  // the next key. Whoever had the old one may know it.
  void end_key_of(std::string_view callsign);

  // --- Reading. `position`: messages after it; limits are the contract's.
  Pending pending(MemberNo viewer, MessageId position, bool explicit_since) const;
  MessageId cursor(SessionNo session) const;  // where a receive without `since` starts
  std::size_t unread(SessionNo session) const;
  // Something that lies after the cursor has been written to a connection that is alive: nobody
  // knows yet whether a receive without `since` is to begin before or behind it.
  bool in_doubt(SessionNo session) const;
  bool pools(SessionNo session) const { return members_[sessions_[session].member].pools; }
  void confirm(MemberNo member, MessageId id, Now now);  // at most what was offered
  // Inboxes: done with everything up to there, also with what was only looked at.
  void acknowledge(MemberNo member, MessageId id, Now now);
  ReaderNo attach(SessionNo session, ReaderKind kind, MessageId position, Millis deadline);
  void offer(ReaderNo reader, MessageId through);  // written to its connection
  // What was dropped after `position` never gets to this reader: it is told of a gap.
  void miss(ReaderNo reader, MessageId position);
  void settle(ReaderNo reader, bool handed_over, bool confirmed, Now now);  // what is owed
  void detach(ReaderNo reader);                                             // owes nothing any more
  Reader& reader(ReaderNo no) { return readers_[no]; }
  const Reader& reader(ReaderNo no) const { return readers_[no]; }
  std::size_t reader_slots() const { return readers_.size(); }
  std::size_t readers_attached() const { return readers_attached_; }
  bool has_waiting_reader(SessionNo session) const;
  // Of a message that went at once to so many callsigns.
  Reach reach(MemberNo from, MemberNo to, std::size_t reached) const;
  // Members whose cursors moved since the last call; clears the marks.
  SlimVector<MemberNo> take_moved_cursors();

  // --- Looking.
  // The one function that decides who may see a message, on every path. `viewer` kNone: somebody
  // without a session (a token holder), who sees broadcasts only.
  static bool may_see(const Message& message, MemberNo viewer);
  // ... and of what may be seen, what is received: everything but one's own.
  static bool receives(const Message& message, MemberNo viewer);
  std::vector<const Message*> history(std::size_t n, MemberNo viewer) const;  // oldest first
  const Message* find_message(MessageId id) const;                            // held and committed
  const Dropped* find_dropped(MessageId id) const { return ring_.find_dropped(id); }
  Receipts receipts(const Message& message) const;
  // Of a broadcast: who came after it had left the ring was never to get it.
  bool was_meant_for(MemberNo member, MemberNo from, MessageId id) const {
    return members_[member].in_use && member != from && members_[member].baseline < id;
  }
  ReceiptState receipt_of(MemberNo from, MemberNo to, MessageId id, bool dropped) const;

  const Member& member(MemberNo no) const { return members_[no]; }
  const Session& session(SessionNo no) const { return sessions_[no]; }
  MemberNo find_member(std::string_view callsign) const;  // kNone: never joined
  bool online(MemberNo no) const { return members_[no].session != kNone; }
  std::string_view callsign_of(MemberNo no) const;  // "all" for kEveryone
  const SlimVector<SessionNo>& join_order() const { return join_order_; }
  const SlimVector<MemberNo>& live_sorted() const { return live_sorted_; }  // by callsign
  std::size_t live_index(MemberNo no) const;  // 1-based place in join order; 0: offline
  std::size_t member_count() const { return member_index_.size(); }
  std::size_t member_slots() const { return members_.size(); }
  std::size_t agent_count() const { return join_order_.size(); }
  std::size_t session_slots() const { return sessions_.size(); }
  const Ring& ring() const { return ring_; }
  MessageId last_id() const { return last_id_; }
  MessageId next_id(Now now) const;
  MessageId committed_through() const { return committed_through_; }
  Millis first_joined_at() const { return first_joined_at_; }
  Millis last_activity_at() const { return last_activity_at_; }
  TrustPosture posture(SessionNo session) const;
  bool loop_warning(SessionNo session, Now now) const;
  std::string free_callsign_like(std::string_view callsign,
                                 const Handles* handles) const;  // suffixed until free
  // Inboxes: the member of that callsign, made where there is none. Recovery makes them again from
  // what was sent.
  MemberNo sender(std::string_view callsign, Now now);
  MemberNo addressee(std::string_view callsign);
  void mark_pooling(MemberNo member) { members_[member].pools = true; }
  void mark_spoke(MemberNo member) { members_[member].spoke = true; }
  void mark_spoke(std::string_view callsign);  // also of a callsign that is not a member yet
  std::size_t callsigns_max() const {
    return options_.band ? kBandCallsignsMax : options_.inbox ? kInboxCallsignsMax : kCallsignsMax;
  }
  std::size_t sessions_max() const { return options_.band ? kBandSessionsMax : kSessionsMax; }

  // Journal rows of messages that have left the ring since the last call.
  SlimVector<ReleasedRow> take_released();

 private:
  // --- Inboxes.
  bool is_full(const Message& message, bool swallowed) const;
  MessageId given_through(MemberNo owner) const;

  struct Tombstone {
    std::string session_id;
    std::string callsign;
    Millis until = 0;     // wall
    bool expired = true;  // false: left on purpose, cannot be revived
    bool by_operator = false;
    std::string note = {};
    std::string identity_account = {};  // empty: no key opened it, or that key has ended
    bool human_authorized = false;
    bool shared = true;  // as in Session; not known for sure: it may be
  };

  void apply_joined(Joined joined, Now now);
  void apply_left(const Left& left, Now now);
  void apply_cursors(const CursorsMoved& moved, Now now);
  void apply_snapshot(Snapshot snapshot, Now now);
  MemberNo member_for(std::string_view callsign);  // creates it; may forget the oldest idle one
  MemberNo forgettable_member() const;             // kNone: every callsign is needed
  void forget_member(MemberNo member);
  void go_offline(MemberNo member, Now now);
  void go_online(MemberNo member, SessionNo session);
  void advance(MemberNo member, MessageId handed, MessageId confirmed, Millis wall);
  void note_read(MessageId through, Millis wall);
  void note_answer(const Message& reply);
  void release(const Message& dropped);  // its journal row is needed no more
  void remember_sent(MemberNo member, SentMemory sent);
  const SentMemory* find_sent(MemberNo member, std::string_view client_id, Millis wall) const;
  const Tombstone* find_tombstone(std::string_view session_id, Millis wall) const;
  const Tombstone* find_tombstone_of(std::string_view callsign, Millis wall) const;
  SessionNo live_session(std::string_view session_id) const;
  SessionNo own_session(const JoinCommand& command) const;
  bool is_protected(const JoinCommand& command, std::string_view callsign) const;
  Result<JoinPlan> plan_join(const JoinCommand& command, SessionNo given_up, Now now) const;
  Result<JoinPlan> plan_new_session(const JoinCommand& command, std::string session_id,
                                    std::string callsign) const;
  // `by_id`: the caller has named it; else it is given the session of somebody else, perhaps.
  Result<JoinPlan> plan_known_session(const JoinCommand& command, SessionNo session,
                                      std::string callsign, bool by_id) const;
  Result<JoinPlan> plan_old_session(const JoinCommand& command, const Tombstone& old,
                                    std::string callsign, bool by_id) const;
  Result<JoinPlan> plan_collision(const JoinCommand& command, MemberNo member) const;
  void record_for_loop_guard(const Message& message, Now now);
  std::optional<std::pair<MemberNo, MemberNo>> agent_pair(MemberNo from, MemberNo to) const;

  ChannelOptions options_;
  Ring ring_;
  SlimVector<Member> members_;
  SlimVector<Session> sessions_;
  SlimVector<Reader> readers_;
  FlatIndex member_index_;
  FlatIndex session_index_;
  // Unused slots, linked through Member::first_reader, Session::member and Reader::next.
  MemberNo free_member_ = kNone;
  SessionNo free_session_ = kNone;
  ReaderNo free_reader_ = kNone;
  SlimVector<SessionNo> join_order_;
  SlimVector<MemberNo> live_sorted_;
  SlimVector<MemberNo> moved_;
  SlimVector<ReleasedRow> released_;
  SlimVector<ReadMark> read_marks_;   // inboxes, oldest first
  SlimVector<Tombstone> tombstones_;  // oldest first
  SlimVector<std::string> spoke_earlier_;
  std::unique_ptr<LoopGuard> loop_guard_;
  std::uint32_t readers_attached_ = 0;
  bool lost_ = false;  // what was here before the process began is gone
  MessageId last_id_ = 0;
  std::unique_ptr<SwallowedSends> swallowed_;  // inboxes that block somebody who writes
  MessageId committed_through_ = 0;
  Millis first_joined_at_ = 0;
  Millis last_activity_at_ = 0;
};

}  // namespace rogerthat::core
