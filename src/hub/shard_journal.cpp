// What a shard writes: journal, snapshots, records, the reservation of ids; what waits until it is
// stored; and what the shard counts.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "hub/once.h"
#include "hub/shard.h"

namespace rogerthat::hub {

namespace {

// Ids follow the clock, so a reservation is also a time: it is renewed every ten minutes, and a
// disk that refuses is felt by channels in memory after that long.
constexpr core::MessageId kIdMargin = 10 * kMinute;
constexpr core::MessageId kIdReserve = 20 * kMinute;
constexpr std::size_t kStateRowsMin = 32;  // below this a snapshot is not worth it

}  // namespace

store::Seq Shard::next_seq() {
  return seq_base_ + seq_count_++ * static_cast<store::Seq>(shard_count_) + number_;
}

void Shard::journal(ChannelEntry& entry, const core::Event& event) {
  if (!entry.record.options.durable) return;
  const store::Seq seq = next_seq();
  batch_.journal.push_back({seq, entry.record.no, codec_.encode(event, entry.record.no)});
  entry.state_rows.push_back(seq);
}

// Keeps the journal in proportion to what is promised: when there are many more rows of joins,
// leaves and cursors than callsigns, one snapshot takes their place.
void Shard::snapshot_if_due(ChannelEntry& entry) {
  const std::size_t live = entry.channel.member_count() + entry.channel.agent_count();
  if (entry.state_rows.size() < kStateRowsMin + 2 * live || !store_healthy_) return;
  write_snapshot(entry);
}

void Shard::write_snapshot(ChannelEntry& entry) {
  const SlimVector<store::Seq> old = std::exchange(entry.state_rows, {});
  journal(entry, entry.channel.snapshot());
  batch_.forget.insert(batch_.forget.end(), old.begin(), old.end());
}

void Shard::write_transcript(ChannelEntry& entry, std::optional<core::TranscriptEntry> line) {
  if (line) batch_.transcript.push_back({entry.record.no, std::move(*line)});
}

void Shard::forget_released(ChannelEntry& entry) {
  for (const core::ReleasedRow& row : entry.channel.take_released()) {
    if (row.needed_until > now_.wall) {
      held_rows_.push_back(row);
    } else {
      batch_.forget.push_back(row.seq);
    }
  }
}

// Ids stay below the reserved ceiling; after a restart they start above it, whatever the clock
// says.
void Shard::note_id(core::MessageId id) {
  if (id + kIdMargin <= id_ceiling_) return;
  id_ceiling_ = id + kIdReserve;
  batch_.id_ceiling = id_ceiling_;
  effects_.push_back({ticket_, [this, ceiling = id_ceiling_](bool stored) {
                        if (stored) id_ceiling_stored_ = std::max(id_ceiling_stored_, ceiling);
                      }});
}

Millis Shard::ids_last_for(Millis wall) const {
  return id_ceiling_ - kIdMargin - wall;
}

void Shard::after_commit(ChannelEntry& entry, std::move_only_function<void(bool)> effect) {
  if (entry.record.options.durable) return after_batch(std::move(effect));
  effect(true);
}

// Whatever an effect rests on is in this batch or in an earlier one.
void Shard::after_batch(std::move_only_function<void(bool)> effect) {
  const store::Ticket ticket = batch_.empty() ? ticket_ - 1 : ticket_;
  if (ticket <= committed_ && effects_.empty()) return effect(true);
  effects_.push_back({ticket, std::move(effect)});
}

void Shard::when_stored(std::move_only_function<void()> then) {
  const store::Ticket ticket = batch_.empty() ? ticket_ - 1 : ticket_;
  if (ticket <= committed_ || !store_healthy_) return then();
  effects_.push_back({ticket, once([then = std::move(then)](bool) mutable { then(); })});
}

void Shard::put_records(std::vector<store::RecordChange> records,
                        std::move_only_function<void(bool)> done) {
  for (store::RecordChange& record : records) batch_.records.push_back(std::move(record));
  after_batch(std::move(done));
}

void Shard::flush() {
  if (batch_.empty()) return;
  write_unhurried();
  batch_.ticket = ticket_++;
  store::Batch full = std::exchange(batch_, {});
  batch_.shard = number_;
  store_.append(std::move(full));
}

void Shard::write_unhurried() {
  std::ranges::move(unhurried_, std::back_inserter(batch_.records));
  unhurried_.clear();
}

void Shard::committed(store::Ticket ticket) {
  committed_ = std::max(committed_, ticket);
  while (!effects_.empty() && effects_.front().ticket <= committed_) {
    Effect effect = std::move(effects_.front());
    effects_.pop_front();
    effect.run(true);
  }
}

void Shard::store_failing(const std::string& reason) {
  store_healthy_ = false;
  store_trouble_ = reason;
  // Callers are told now; what follows the commit stays in line for when it comes.
  const std::size_t waiting = effects_.size();  // what is told may add to them
  for (std::size_t i = 0; i < waiting; ++i) effects_[i].run(false);
}

void Shard::store_recovered() {
  store_healthy_ = true;
  store_trouble_.clear();
}

Result<void> Shard::disk_ready(const ChannelEntry& entry) const {
  if (store_healthy_ || !entry.needs_disk()) return {};
  Error error{ErrorCode::unavailable,
              "This channel needs the server's disk, which refuses: " + store_trouble_ + ".",
              "Try again in a few seconds; nothing was sent.", 5};
  return std::unexpected(std::move(error));
}

store::LifetimeCounters Shard::counters() const {
  store::LifetimeCounters sum;
  sum.channels_created = counters_.channels_created.load(std::memory_order_relaxed);
  sum.joins_total = counters_.joins_total.load(std::memory_order_relaxed);
  sum.messages_total = counters_.messages_total.load(std::memory_order_relaxed);
  return sum;
}

const ShardStats& Shard::stats() {
  stats_.sessions = stats_.waiting_polls = stats_.open_streams = stats_.awaits = 0;
  each_channel([this](ChannelEntry& entry) {
    stats_.sessions += entry.channel.agent_count();
    stats_.awaits += entry.awaits.size();
    for (core::ReaderNo no = 0; no < entry.channel.reader_slots(); ++no) {
      const core::Reader& reader = entry.channel.reader(no);
      if (!reader.in_use || !reader.waiting) continue;
      ++(reader.kind == core::ReaderKind::poll ? stats_.waiting_polls : stats_.open_streams);
    }
  });
  stats_.messages = counters_.messages_total.load(std::memory_order_relaxed);
  stats_.joins = counters_.joins_total.load(std::memory_order_relaxed);
  stats_.waiting_for_commit = effects_.size();
  stats_.held_messages = holdings_.messages();
  stats_.held_attachments = holdings_.attachments();
  stats_.held_inboxes = holdings_.inboxes();
  stats_.memory_max = memory_max_;
  stats_.hooks_waiting = deliveries_.waiting();
  stats_.hooks_waiting_bytes = deliveries_.waiting_bytes();
  stats_.hooks_under_way = deliveries_.under_way();
  stats_.hook_evictions = deliveries_.evicted();
  return stats_;
}

}  // namespace rogerthat::hub
