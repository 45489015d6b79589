// One shard of the hub: a thread's share of the channels with everything that waits on them.
// Drives core against store: decides, journals, waits for the commit, delivers, hands over.
// Everything here is called on the shard's own thread. A reply that needs the disk comes through
// its callback after the commit; others come through it at once, before the call returns.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/flat_index.h"
#include "base/random.h"
#include "base/slim_vector.h"
#include "base/time.h"
#include "core/bans.h"
#include "core/channel.h"
#include "core/displaced_polls.h"
#include "hub/holdings.h"
#include "hub/hook_queue.h"
#include "hub/observer.h"
#include "hub/receiver.h"
#include "hub/timer_wheel.h"
#include "store/codec.h"
#include "store/store.h"

namespace rogerthat::hub {

template <class T>
using Done = std::move_only_function<void(Result<T>)>;

// Names a channel for as long as it lives on this shard: a slot and its generation.
struct ChannelHandle {
  std::uint32_t slot = core::kNone;
  std::uint32_t generation = 0;
};

struct Sending;    // a send that is not answered yet (awaits.h)
class Bans;        // who is shut out (bans.h)
class HookSource;  // makes webhook deliveries of what happens (webhooks.h)
class Webhooks;    // who has which hook (webhooks.h)

struct ChannelEntry {
  core::ChannelRecord record;
  core::Channel channel;
  ChannelHandle handle;
  SlimVector<Receiver*> receivers;  // by ReaderNo; null: no such reader
  SlimVector<Millis> session_due;   // by SessionNo: when its idle time is looked at next
  // By SessionNo: where it was joined from last; all zero, or beyond the end: not known.
  SlimVector<core::AddressBytes> addresses;
  SlimVector<Observation> observations;
  SlimVector<std::unique_ptr<Sending>> awaits;
  Millis awaits_due = 0;              // steady; of the one timer that looks after them
  SlimVector<store::Seq> state_rows;  // live journal rows that are no messages
  bool in_motion = false;             // on the shard's list of channels to look after
  bool closing = false;               // it is being removed

  ChannelEntry(core::ChannelRecord r, core::Channel c);
  ~ChannelEntry();
  bool needs_disk() const {
    return record.options.durable || record.options.retention != core::Retention::none;
  }
};

struct JoinReply {
  core::SessionNo session = core::kNone;
  std::string session_id;
  std::string callsign;
  bool human_authorized = false;
  bool idempotent = false;
  bool collision_warning = false;
};

enum class AwaitFor : std::uint8_t { nothing, delivered, confirmed, reply };
using AwaitId = std::uint64_t;  // 0: none

struct SendRequest {
  core::SendCommand command;
  AwaitFor await = AwaitFor::nothing;
  Millis await_time = 0;
  AwaitId await_id = 0;  // for give_up_await()
};

struct SendReply {
  core::MessageId id = 0;
  Millis at = 0;
  bool queued = false;  // its addressee has not been handed it yet
  bool duplicate = false;
  std::string to;  // callsign or "all"
  core::Kind kind = core::Kind::message;
  core::Priority priority = core::Priority::normal;
  std::vector<std::string> suggested_replies;
  std::size_t reached = 0;  // callsigns that it went to at once
  core::Reach reach = core::Reach::at_once;
  bool loop_warning = false;
  // With an await: exactly one of these says how it ended.
  std::optional<core::ReceiptState> receipt;  // ... and whose
  std::string receipt_callsign;
  const core::Message* reply = nullptr;  // valid within the callback
  bool await_timed_out = false;
  bool await_conflict = false;
};

struct ReceiveRequest {
  core::SessionNo session = core::kNone;
  core::ReaderKind kind = core::ReaderKind::poll;
  std::optional<core::MessageId> since;  // `since` or Last-Event-ID
  std::optional<core::MessageId> ack;
  bool presence = false;
  Millis timeout = 0;  // polls; 0: answer at once
};

// What a receive gives back to its receiver: the reader that it became.
struct ReaderHandle {
  ChannelHandle channel;
  core::ReaderNo reader = core::kNone;
};

struct ShardStats {
  std::size_t channels = 0, sessions = 0, waiting_polls = 0, open_streams = 0, awaits = 0;
  // `messages` and `joins` are counters(), for who asks for all of them.
  std::uint64_t messages = 0, deliveries = 0, redelivered = 0, handed_over = 0, joins = 0;
  std::uint64_t slow_streams_cut = 0, waiting_for_commit = 0;
  // Bytes that channels hold, and how many they may. What went because it was too much.
  std::size_t held_messages = 0, held_attachments = 0, held_inboxes = 0, memory_max = 0;
  std::uint64_t evicted_messages = 0, evicted_attachments = 0;
  // Webhooks: deliveries that wait (and their bodies), attempts, deliveries that arrived, that were
  // dropped for want of room.
  std::size_t hooks_waiting = 0, hooks_waiting_bytes = 0, hooks_under_way = 0;
  std::uint64_t hook_attempts = 0, hook_deliveries = 0, hook_evictions = 0;
};

class Shard {
 public:
  Shard(std::uint32_t number, std::uint32_t shard_count, store::Store& store,
        const store::EventCodec& codec, Random& random);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  std::uint32_t number() const { return number_; }

  // --- The clock and the store. Called by the loop (or the simulator).
  void set_now(Now now) { now_ = now; }
  Now now() const { return now_; }
  Millis run_timers(Now now);  // returns the steady time of the next one
  void flush();                // hands what has been journalled in this round to the store
  // Runs `then` once, when all that has happened up to now is on stable storage, or the disk
  // refuses: then store_healthy() says no.
  void when_stored(std::move_only_function<void()> then);
  void committed(store::Ticket ticket);
  void store_failing(const std::string& reason);
  void store_recovered();
  bool store_healthy() const { return store_healthy_; }
  bool loaded() const { return loaded_; }

  // --- Channels.
  ChannelEntry* find(std::string_view channel_id);  // never an inbox: that is no channel to callers
  ChannelEntry* find_inbox(std::string_view handle);
  ChannelEntry* find(ChannelHandle handle);
  // `record.no` and `record.id` are given by the caller (Hub); done after the commit.
  void create(core::ChannelRecord record, Done<ChannelEntry*> done);
  void remove(ChannelEntry& entry);  // ends its sessions and readers
  // In no order, for administration and metrics.
  void each_channel(const std::function<void(ChannelEntry&)>& visit);
  // Those that this account has created; without a look at the others.
  void each_channel_of(std::string_view account, const std::function<void(ChannelEntry&)>& visit);

  // --- Sessions.
  void join(ChannelEntry& entry, core::JoinCommand command, Done<JoinReply> done);
  // Looks the session up and marks it as active.
  Result<core::SessionNo> session(ChannelEntry& entry, std::string_view session_id);
  void leave(ChannelEntry& entry, std::string_view session_id, Done<bool> done);

  // Ends every session that lives by this identity, on all channels of this shard.
  void end_identity(std::string_view callsign);
  // At the operator's word: ends those sessions of a channel that `meant` picks; says how many.
  std::size_t end_sessions(ChannelEntry& entry,
                           const std::function<bool(const core::Party&)>& meant, EndReason reason,
                           std::string_view note);
  // Asked by every join. Null: nobody is shut out. Set before the shard runs.
  void set_bans(const Bans* bans) { bans_ = bans; }

  // --- Messages.
  void send(ChannelEntry& entry, SendRequest request, Done<SendReply> done);
  AwaitId new_await() { return ++last_await_; }
  // The awaiting sender has gone: its await ends as if its time were over.
  void give_up_await(ChannelHandle channel, AwaitId id);
  // The receiver is told of what is pending at once, or is parked. It stays known until
  // reader_closed() or reader_answered_next(), also after a poll was answered: its hand-over is
  // judged by acknowledged(). May call deliver() or end() before it returns. The receiver must
  // outlive its reader. Without `since` it begins when it is known what became of earlier answers
  // to this callsign, or soon anyway (shard_holds.cpp).
  ReaderHandle receive(ChannelEntry& entry, const ReceiveRequest& request, Receiver& receiver);
  void reader_next_request(ReaderHandle handle);  // polls: the answer has arrived
  void reader_closed(ReaderHandle handle, bool acknowledged);
  void reader_drained(ReaderHandle handle);  // streams: write again
  // Judges what has been written to this member's readers and is not known to be handed over.
  void settle(ChannelEntry& entry, core::MemberNo member);
  void settle_all(ChannelEntry& entry);
  // Everything up to `id`, as far as it has been handed to this member, has been read.
  void confirm(ChannelEntry& entry, core::MemberNo member, core::MessageId id);
  // Inboxes: as confirm(), also of what was only looked at.
  void acknowledge(ChannelEntry& entry, core::MemberNo member, core::MessageId id);
  // `observer` is told of what changes from now on, and at once of an inbox where something waits,
  // until stop_observing(). `session` kNone: as somebody who has only the token; not for an inbox.
  void observe(ChannelEntry& entry, core::SessionNo session, Observed what, Observer& observer);
  void stop_observing(ChannelHandle channel, Observer& observer);

  // --- Records that belong to no channel. `done(false)` at most once, when the disk refuses;
  // `done(true)` when they are on stable storage.
  void put_records(std::vector<store::RecordChange> records,
                   std::move_only_function<void(bool)> done);

  // --- Webhooks (shard_hooks.cpp). Null: what happens here becomes no delivery. Set before the
  // shard runs.
  void set_webhooks(Webhooks* webhooks) { webhooks_ = webhooks; }
  void set_hook_source(HookSource* source) { hook_source_ = source; }
  // The next delivery that is due; under way, and valid, until settle_delivery().
  const core::Delivery* take_delivery();
  // True: the receiver of its hook has gone; the hook is to be disabled.
  bool settle_delivery(std::string_view id, AttemptResult result);
  Millis deliveries_due() const;  // steady; 0: at once; the largest Millis: none waits
  std::vector<DeliveryLogLine> delivery_log(std::string_view hook) const;  // newest first
  const HookQueue& deliveries() const { return deliveries_; }
  void stop_hook(std::string_view hook);  // nothing goes to it any more; its log is kept
  void drop_hook(std::string_view hook);  // ... and is forgotten: it was removed
  // Recovery, after adopt(): what waited for its turn.
  void adopt_deliveries(std::vector<core::Delivery> deliveries);

  // --- Running the house.
  void drain();      // answers every poll, says bye to every stream
  void wind_down();  // hands everything that waits for its turn to the store
  const ShardStats& stats();
  store::LifetimeCounters counters() const;  // since the start; any thread
  void set_stream_backlog_max(std::size_t bytes) { stream_backlog_max_ = bytes; }
  void set_channels_max(std::size_t channels) { channels_max_ = channels; }
  void set_memory_max(std::size_t bytes) { memory_max_ = bytes; }
  const Holdings& holdings() const { return holdings_; }
  std::size_t held() const { return held_.load(std::memory_order_relaxed); }  // any thread
  void set_idle_limits(Millis joined, Millis never_joined);
  // Recovery: entities built elsewhere move in. Ids of new messages stay above what the store had
  // reserved (Rebuilder sees to it); seqs start above `last_seq`.
  void adopt(std::vector<std::unique_ptr<ChannelEntry>> entries, core::MessageId id_ceiling,
             store::Seq last_seq);

 private:
  // Something that follows a commit. Called with false, at most once, when the disk refuses (the
  // caller is told), and with true once what it waits for is on stable storage.
  struct Effect {
    store::Ticket ticket = 0;
    std::move_only_function<void(bool stored)> run;
  };
  enum TimerKind : std::uint32_t { kPollDeadline, kStreamPing, kSessionIdle, kAwaits };
  // A receive that waits, because it is in doubt where it is to begin.
  struct Hold {
    ChannelHandle channel;
    core::ReaderNo reader = core::kNone;
    Millis until = 0;                     // steady
    std::vector<core::Message> statuses;  // polls: what has come meanwhile and is kept nowhere
  };

  // Life cycle and journal (shard.cpp)
  ChannelEntry* find_any(std::string_view name);
  ChannelEntry& place(std::unique_ptr<ChannelEntry> entry);
  store::Seq next_seq();
  static void count(std::atomic<std::uint64_t>& counter) {  // one writer: no lock prefix needed
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void journal(ChannelEntry& entry, const core::Event& event);  // durable channels; else nothing
  void snapshot_if_due(ChannelEntry& entry);
  void write_snapshot(ChannelEntry& entry);
  void write_transcript(ChannelEntry& entry, std::optional<core::TranscriptEntry> line);
  void forget_released(ChannelEntry& entry);
  void note_id(core::MessageId id);
  Millis ids_last_for(Millis wall) const;  // until note_id() reserves more
  void write_unhurried();
  // Runs `effect` after what has been journalled so far, or at once where nothing is to wait for.
  void after_commit(ChannelEntry& entry, std::move_only_function<void(bool)> effect);
  void after_batch(std::move_only_function<void(bool)> effect);  // whatever the channel
  Result<void> disk_ready(const ChannelEntry& entry) const;
  void in_motion(ChannelEntry& entry);
  void look_soon();
  void look_after_channels();  // hand-overs, cursors: twice a second
  void on_timer(const Timer& timer);
  void upkeep_share();
  void upkeep(ChannelEntry& entry);

  // Sessions (shard_sessions.cpp)
  void apply_joined(ChannelEntry& entry, core::Joined joined);
  void note_first_join(ChannelEntry& entry);
  void apply_left(ChannelEntry& entry, const core::Left& left,
                  EndReason reason = EndReason::session_ended);
  void end_session(ChannelEntry& entry, core::SessionNo session, EndReason reason,
                   std::string_view note);
  void end_awaits(ChannelEntry& entry, core::MemberNo sender);
  void watch_session(ChannelEntry& entry, core::SessionNo session);
  void session_idle(ChannelEntry& entry, core::SessionNo session, Millis due);
  void end_readers(ChannelEntry& entry, core::SessionNo session, EndReason reason);
  void announce(ChannelEntry& entry, std::string_view callsign, bool joined);
  void tell_presence(ChannelEntry& entry, std::string_view callsign, bool joined);

  // Sends (shard_send.cpp)
  void decide_and_send(ChannelEntry& entry, SendRequest request, Done<SendReply> done);
  void send_when_reserved(ChannelEntry& entry, SendRequest request, Done<SendReply> done);
  Error not_stored() const;
  void send_again(ChannelEntry& entry, const core::SendPlan& plan, Sending sending);
  void send_status(ChannelEntry& entry, core::Message status, Sending sending);
  void write_message_to_transcript(ChannelEntry& entry, const core::Message& message,
                                   std::string_view to);
  void post(ChannelEntry& entry, core::Posted posted, Sending sending);
  void post_durably(ChannelEntry& entry, core::Posted posted, Sending sending);
  void publish_stored(ChannelEntry& entry, Sending sending);
  void told_everybody(ChannelEntry& entry, const core::Message& message, Sending& sending);
  void swallow(ChannelEntry& entry, core::Posted posted, Sending sending);
  std::size_t publish(ChannelEntry& entry, const core::Message& message);
  void tell_dropped(ChannelEntry& entry, core::MemberNo from, core::MemberNo to,
                    core::MessageId id);
  bool hand_to(ChannelEntry& entry, core::ReaderNo no, const core::Message& message,
               const Delivery& delivery);

  // Memory (shard_memory.cpp)
  void weigh(const ChannelEntry& entry);  // after every change of its ring
  void weigh_no_more(const ChannelEntry& entry);
  void make_room();
  ChannelEntry* fattest_idle_attachments();
  void evict(ChannelEntry& entry, std::size_t bytes);
  Result<void> room_in_inbox(ChannelEntry& entry);

  // Awaits (shard_awaits.cpp)
  void answer_or_await(ChannelEntry& entry, Sending sending);
  bool await_conflict(const ChannelEntry& entry, core::MemberNo from, core::MemberNo to,
                      core::MessageId reply_to) const;
  void check_awaits(ChannelEntry& entry, core::MemberNo moved);
  void check_awaited_reply(ChannelEntry& entry, core::MessageId id);
  void look_after_awaits(ChannelEntry& entry);
  void resolve_await(ChannelEntry& entry, std::size_t index);

  // Webhooks (shard_hooks.cpp)
  bool hooked(const ChannelEntry& entry) const;  // whether a hook may want to hear of it
  void hook_message(ChannelEntry& entry, const core::Message& message);
  void hook_session(ChannelEntry& entry, std::string_view callsign, bool joined);
  void await_turn(ChannelEntry& entry, std::vector<core::Delivery> deliveries);
  void queue_deliveries(std::vector<core::Delivery> deliveries, bool home_exists);
  void journal_deliveries(const HookQueue::Changes& changes);
  void end_hooks(const ChannelEntry& entry);

  // Readers (shard_receive.cpp)
  void supersede(ChannelEntry& entry, core::MemberNo member);
  void begin(ChannelEntry& entry, core::ReaderNo no, bool explicit_since,
             std::span<const core::Message> statuses = {});
  void begin_stream(ChannelEntry& entry, core::ReaderNo no, bool explicit_since);
  void begin_poll(ChannelEntry& entry, core::ReaderNo no, bool explicit_since,
                  core::Pending pending, std::span<const core::Message> statuses);
  void pump(ChannelEntry& entry, core::ReaderNo no, bool explicit_since);
  void tell_observers(ChannelEntry& entry, const core::Message& message);
  bool backlog_too_large(const ChannelEntry& entry, const core::Reader& reader) const;
  void stop_waiting(ChannelEntry& entry, core::ReaderNo no);
  void poll_due(ChannelEntry& entry, core::ReaderNo no);
  void end_reader(ChannelEntry& entry, core::ReaderNo no, EndReason reason);
  void handed_over(ChannelEntry& entry, core::ReaderNo no, bool confirmed);
  void cursor_moved(ChannelEntry& entry, core::MemberNo member);

  // Receives in doubt (shard_holds.cpp)
  void hold(ChannelEntry& entry, core::ReaderNo no);
  bool keep_for_held(core::Reader& reader, const core::Message& message);
  void let_go(ChannelEntry& entry, core::MemberNo member);  // those that need wait no longer
  void begin_held(std::uint32_t number);
  void look_at_holds();

  const std::uint32_t number_;
  const std::uint32_t shard_count_;
  store::Store& store_;
  const store::EventCodec& codec_;
  Random& random_;
  Now now_;
  bool loaded_ = false;
  bool store_healthy_ = true;
  bool draining_ = false;
  std::string store_trouble_;

  std::vector<std::unique_ptr<ChannelEntry>> entries_;  // by slot
  std::vector<std::uint32_t> generations_;
  std::vector<std::uint32_t> free_slots_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> slots_of_;  // by owner_account
  FlatIndex index_;

  TimerWheel wheel_;
  std::vector<Timer> due_;
  Millis next_upkeep_ = 0;       // steady
  std::size_t upkeep_slot_ = 0;  // whose turn it was last
  Millis next_look_ = 0;         // steady; 0: no channel is in motion
  std::vector<ChannelHandle> in_motion_;
  std::map<std::uint32_t, Hold> holds_;  // by Reader::hold
  std::uint32_t last_hold_ = 0;
  std::uint32_t looked_at_ = 0;  // the hold whose turn it was last
  Millis next_hold_look_ = 0;    // steady; while there are any
  core::DisplacedPolls displaced_polls_;

  store::Batch batch_;
  std::vector<store::RecordChange> unhurried_;  // nobody waits for them: they go with the next one
  store::Ticket ticket_ = 1;                    // of the batch that is being filled
  store::Ticket committed_ = 0;
  std::deque<Effect> effects_;               // in order of ticket
  std::deque<core::ReleasedRow> held_rows_;  // released, but remembered for a while
  store::Seq seq_base_ = 1;
  store::Seq seq_count_ = 0;
  core::MessageId id_ceiling_ = 0;         // asked of the store
  core::MessageId id_ceiling_stored_ = 0;  // ... and on disk: the highest id that may be seen
  AwaitId last_await_ = 0;
  struct Counters {  // written by this shard alone, read by anybody
    std::atomic<std::uint64_t> channels_created{0}, joins_total{0}, messages_total{0};
  };
  const Bans* bans_ = nullptr;
  Webhooks* webhooks_ = nullptr;
  HookSource* hook_source_ = nullptr;
  HookQueue deliveries_;
  Holdings holdings_;
  std::atomic<std::size_t> held_{0};  // the sum of holdings_
  Counters counters_;
  store::LifetimeCounters counters_stored_;  // of those, what has been handed to the store

  std::size_t stream_backlog_max_ = 4 << 20;
  std::size_t channels_max_ = 1'000'000;
  std::size_t memory_max_ = std::numeric_limits<std::size_t>::max();
  Millis idle_joined_ = 90 * kDay;
  Millis idle_never_joined_ = 30 * kDay;
  ShardStats stats_;
};

// Which shard owns the entity of that name: the one function that places anything. The same in
// every process and version.
std::uint32_t shard_of(std::string_view name, std::uint32_t shard_count);

}  // namespace rogerthat::hub
