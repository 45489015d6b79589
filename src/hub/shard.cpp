// Life cycle and timers of a shard. What it writes is in shard_journal.cpp, sessions are in
// shard_sessions.cpp, sends in shard_send.cpp, readers in shard_receive.cpp, receives that wait for
// news of an earlier answer in shard_holds.cpp.
#include "hub/shard.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/log.h"
#include "core/names.h"
#include "core/transcript.h"
#include "hub/awaits.h"
#include "hub/once.h"

namespace rogerthat::hub {

namespace {

constexpr Millis kLookAfter = 500;  // cursors reach the disk within a second
// Every channel's turn of upkeep comes once an hour, a share of them each minute.
constexpr Millis kUpkeepInterval = kMinute;
constexpr std::size_t kUpkeepShares = 60;

}  // namespace

std::uint32_t shard_of(std::string_view name, std::uint32_t shard_count) {
  std::uint32_t hash = 2166136261;  // FNV-1a: the same everywhere
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619;
  return shard_count == 0 ? 0 : hash % shard_count;
}

ChannelEntry::ChannelEntry(core::ChannelRecord r, core::Channel c)
    : record(std::move(r)), channel(std::move(c)) {}
ChannelEntry::~ChannelEntry() = default;

Shard::Shard(std::uint32_t number, std::uint32_t shard_count, store::Store& store,
             const store::EventCodec& codec, Random& random)
    : number_(number),
      shard_count_(shard_count),
      store_(store),
      codec_(codec),
      random_(random),
      // On a machine of many cores the shards share what waits, and no hook gets less than its own.
      deliveries_(std::max(HookQueue::kBytesMax / shard_count, core::kDeliveryBytesQueuedMax)) {
  batch_.shard = number;
}

Shard::~Shard() = default;

// ---------------------------------------------------------------------------------------- channels

ChannelEntry* Shard::find_any(std::string_view name) {
  const std::uint32_t slot = index_.find(
      name, [this](std::uint32_t no) -> std::string_view { return entries_[no]->record.id; });
  return slot == FlatIndex::kMissing ? nullptr : entries_[slot].get();
}

ChannelEntry* Shard::find(std::string_view channel_id) {
  ChannelEntry* const entry = find_any(channel_id);
  return entry != nullptr && entry->record.options.inbox ? nullptr : entry;
}

ChannelEntry* Shard::find_inbox(std::string_view handle) {
  return find_any(core::inbox_name(handle));
}

ChannelEntry* Shard::find(ChannelHandle handle) {
  if (handle.slot >= entries_.size() || generations_[handle.slot] != handle.generation) {
    return nullptr;
  }
  return entries_[handle.slot].get();
}

ChannelEntry& Shard::place(std::unique_ptr<ChannelEntry> entry) {
  std::uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
    generations_.push_back(0);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  entry->handle = {slot, generations_[slot]};
  entries_[slot] = std::move(entry);
  ChannelEntry& placed = *entries_[slot];
  index_.insert(placed.record.id, slot);
  const std::string& owner = placed.record.owner_account;
  if (!owner.empty()) slots_of_[owner].push_back(slot);
  ++stats_.channels;
  return placed;
}

void Shard::adopt(std::vector<std::unique_ptr<ChannelEntry>> entries, core::MessageId id_ceiling,
                  store::Seq last_seq) {
  seq_base_ = last_seq + 1;
  id_ceiling_ = id_ceiling_stored_ = id_ceiling;
  for (auto& entry : entries) {
    ChannelEntry& placed = place(std::move(entry));
    note_id(placed.channel.last_id());
    for (const core::SessionNo session : placed.channel.join_order()) {
      watch_session(placed, session);
    }
    forget_released(placed);
    snapshot_if_due(placed);
    weigh(placed);
  }
  make_room();
  note_id(now_.wall);
  next_upkeep_ = now_.steady + kUpkeepInterval;
  loaded_ = true;
}

void Shard::create(core::ChannelRecord record, Done<ChannelEntry*> done) {
  if (!store_healthy_) {
    done(fail(ErrorCode::unavailable, "Channels cannot be created: " + store_trouble_ + "."));
    return;
  }
  if (stats_.channels >= channels_max_) {
    done(fail(ErrorCode::unavailable, "This server holds as many channels as it may.",
              "Use a channel that exists, or ask the operator to raise --channels-max."));
    return;
  }
  core::Channel channel(record.options, 0, 0);
  ChannelEntry& placed =
      place(std::make_unique<ChannelEntry>(std::move(record), std::move(channel)));
  batch_.put_channels.push_back(placed.record);
  const core::Retention retention = placed.record.options.retention;
  if (retention != core::Retention::none) {
    write_transcript(placed, core::created_entry(retention, placed.record.created_at));
  }
  if (!placed.record.options.inbox) count(counters_.channels_created);
  after_batch(once([this, handle = placed.handle, done = std::move(done)](bool stored) mutable {
    ChannelEntry* const created = find(handle);
    if (stored && created != nullptr) return done(created);
    done(fail(ErrorCode::unavailable, "The channel could not be stored: " + store_trouble_ + "."));
  }));
}

void Shard::remove(ChannelEntry& entry) {
  entry.closing = true;
  while (entry.channel.agent_count() > 0) {
    const core::SessionNo session = entry.channel.join_order().back();
    apply_left(entry, {entry.channel.session(session).id, false, now_.wall},
               EndReason::channel_closed);
  }
  for (auto& await : std::exchange(entry.awaits, {})) {
    await->answer(fail(ErrorCode::not_found, "The channel has been closed."));
  }
  const core::Ring& ring = entry.channel.ring();
  for (std::size_t i = 0; i < ring.size(); ++i) {
    if (ring.at(i).seq != 0) batch_.forget.push_back(ring.at(i).seq);
  }
  batch_.forget.insert(batch_.forget.end(), entry.state_rows.begin(), entry.state_rows.end());
  if (entry.record.no != 0) batch_.delete_channels.push_back(entry.record.no);
  end_hooks(entry);
  weigh_no_more(entry);
  const std::uint32_t slot = entry.handle.slot;
  index_.erase(entry.record.id, slot);
  if (const auto owned = slots_of_.find(entry.record.owner_account); owned != slots_of_.end()) {
    std::erase(owned->second, slot);
    if (owned->second.empty()) slots_of_.erase(owned);
  }
  ++generations_[slot];
  free_slots_.push_back(slot);
  entries_[slot].reset();
  --stats_.channels;
}

void Shard::each_channel(const std::function<void(ChannelEntry&)>& visit) {
  for (std::size_t slot = 0; slot < entries_.size(); ++slot) {
    if (entries_[slot]) visit(*entries_[slot]);
  }
}

void Shard::each_channel_of(std::string_view account,
                            const std::function<void(ChannelEntry&)>& visit) {
  const auto owned = slots_of_.find(account);
  if (owned == slots_of_.end()) return;
  for (const std::uint32_t slot : owned->second) visit(*entries_[slot]);
}

void Shard::set_idle_limits(Millis joined, Millis never_joined) {
  idle_joined_ = joined;
  idle_never_joined_ = never_joined;
}

void Shard::upkeep_share() {
  const std::size_t share = entries_.size() / kUpkeepShares + 1;
  for (std::size_t i = 0; i < share && !entries_.empty(); ++i) {
    upkeep_slot_ = (upkeep_slot_ + 1) % entries_.size();
    ChannelEntry* entry = entries_[upkeep_slot_].get();
    if (entry != nullptr && !entry->record.options.band) upkeep(*entry);
  }
}

// What the idle clean-up goes by reaches the directory, and idle channels go.
void Shard::upkeep(ChannelEntry& entry) {
  entry.channel.forget_tombstones(now_);
  const Millis active = entry.channel.last_activity_at();
  core::ChannelRecord& record = entry.record;
  const bool joined = record.ever_joined || entry.channel.first_joined_at() != 0;
  if (store_healthy_ && (active > record.last_activity_at || joined != record.ever_joined)) {
    record.last_activity_at = std::max(active, record.last_activity_at);
    record.ever_joined = joined;
    batch_.put_channels.push_back(record);
  }
  if (record.options.inbox) {
    entry.channel.forget_read(now_.wall - core::kInboxReadLife);
    forget_released(entry);
    weigh(entry);
  }
  const bool holds_mail = record.options.inbox && !entry.channel.ring().empty();
  const Millis idle = now_.wall - std::max(record.created_at, record.last_activity_at);
  const bool in_use =
      holds_mail || entry.channel.agent_count() > 0 || entry.channel.readers_attached() > 0;
  if (store_healthy_ && !in_use && idle > (joined ? idle_joined_ : idle_never_joined_)) {
    log(LogLevel::info, "idle channel removed", {{"channel", record.id}});
    remove(entry);
  }
}

// ------------------------------------------------------------------------------------------ timers

void Shard::in_motion(ChannelEntry& entry) {
  if (entry.in_motion) return;
  entry.in_motion = true;
  in_motion_.push_back(entry.handle);
  look_soon();
}

void Shard::look_soon() {
  if (next_look_ == 0) next_look_ = now_.steady + kLookAfter;
}

void Shard::look_after_channels() {
  for (const ChannelHandle handle : std::exchange(in_motion_, {})) {
    ChannelEntry* entry = find(handle);
    if (entry == nullptr) continue;
    entry->in_motion = false;
    settle_all(*entry);
    if (!store_healthy_ && entry->record.options.durable) {
      in_motion(*entry);  // its cursors keep their marks until the disk takes them
      continue;
    }
    core::CursorsMoved moved;
    moved.at = now_.wall;
    for (const core::MemberNo no : entry->channel.take_moved_cursors()) {
      const core::Member& member = entry->channel.member(no);
      moved.positions.push_back({member.callsign, member.handed, member.confirmed, member.offered});
    }
    if (!moved.positions.empty() && entry->record.options.durable) {
      journal(*entry, std::move(moved));
      snapshot_if_due(*entry);
    }
  }
  while (!held_rows_.empty() && held_rows_.front().needed_until <= now_.wall) {
    batch_.forget.push_back(held_rows_.front().seq);
    held_rows_.pop_front();
  }
  write_unhurried();
  const store::LifetimeCounters sum = counters();
  if (store_healthy_ && (sum.messages_total != counters_stored_.messages_total ||
                         sum.joins_total != counters_stored_.joins_total ||
                         sum.channels_created != counters_stored_.channels_created)) {
    batch_.counters_added.messages_total += sum.messages_total - counters_stored_.messages_total;
    batch_.counters_added.joins_total += sum.joins_total - counters_stored_.joins_total;
    batch_.counters_added.channels_created +=
        sum.channels_created - counters_stored_.channels_created;
    counters_stored_ = sum;
  }
}

Millis Shard::run_timers(Now now) {
  now_ = now;
  due_.clear();
  wheel_.collect(now.steady, due_);
  for (std::size_t i = 0; i < due_.size(); ++i) on_timer(due_[i]);
  if (next_look_ != 0 && next_look_ <= now.steady) {
    next_look_ = 0;
    look_after_channels();
    if (!in_motion_.empty() || !held_rows_.empty()) next_look_ = now.steady + kLookAfter;
  }
  if (!holds_.empty() && next_hold_look_ <= now.steady) look_at_holds();
  Millis next = next_look_ == 0 ? std::numeric_limits<Millis>::max() : next_look_;
  if (!holds_.empty()) next = std::min(next, next_hold_look_);
  if (loaded_) {
    if (next_upkeep_ <= now.steady) {
      upkeep_share();
      next_upkeep_ = now.steady + kUpkeepInterval;
    }
    next = std::min(next, next_upkeep_);
    note_id(now.wall);  // ids are reserved ahead of the clock, also while nothing is sent
    next = std::min(next, now.steady + ids_last_for(now.wall) + 1);
  }
  return std::min(next, wheel_.next_due());
}

void Shard::on_timer(const Timer& timer) {
  ChannelEntry* entry = find(ChannelHandle{timer.slot, timer.generation});
  if (entry == nullptr) return;
  switch (timer.kind) {
    case kPollDeadline:
      poll_due(*entry, timer.number);
      break;
    case kStreamPing: {
      core::Reader& reader = entry->channel.reader(timer.number);
      const bool meant = reader.in_use && reader.kind == core::ReaderKind::stream &&
                         reader.waiting && reader.deadline == timer.due;
      if (!meant) break;
      reader.deadline = now_.steady + core::kStreamPing;
      wheel_.add({kStreamPing, timer.slot, timer.generation, timer.number, reader.deadline});
      if (!reader.blocked) entry->receivers[timer.number]->ping();
      break;
    }
    case kSessionIdle:
      session_idle(*entry, timer.number, timer.due);
      break;
    case kAwaits:
      if (entry->awaits_due == timer.due) look_after_awaits(*entry);
      break;
    default:
      break;
  }
}

void Shard::drain() {
  draining_ = true;
  each_channel([this](ChannelEntry& entry) {
    for (core::ReaderNo no = 0; no < entry.channel.reader_slots(); ++no) {
      const core::Reader& reader = entry.channel.reader(no);
      if (reader.in_use && reader.unanswered()) end_reader(entry, no, EndReason::draining);
    }
    for (auto& await : std::exchange(entry.awaits, {})) {
      await->reply.await_timed_out = true;
      await->answer(std::move(await->reply));
    }
  });
  next_look_ = now_.steady;  // cursors and counters go out with the next round
}

void Shard::wind_down() {
  look_after_channels();
  each_channel([this](ChannelEntry& entry) {
    const Millis active = entry.channel.last_activity_at();
    if (entry.record.options.band || active <= entry.record.last_activity_at) return;
    entry.record.last_activity_at = active;
    batch_.put_channels.push_back(entry.record);
  });
  flush();
}

}  // namespace rogerthat::hub
