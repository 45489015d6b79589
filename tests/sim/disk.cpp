#include "disk.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace rogerthat::sim {

SimStore::SimStore(World& world, Disk& disk, const store::EventCodec& codec, Plant plant,
                   std::function<bool(CommitPoint)> crash_here)
    : world_(world),
      disk_(disk),
      codec_(codec),
      plant_(plant),
      crash_here_(std::move(crash_here)),
      known_(disk.channels) {}

// The planted bug goes by the messages that are still there, as one might think suffices.
core::MessageId SimStore::id_ceiling() const {
  if (plant_ != Plant::ids_from_clock) return disk_.id_ceiling;
  core::MessageId highest = 0;
  for (const auto& [seq, row] : disk_.journal) {
    const auto event = codec_.decode(row.data, row.channel);
    if (!event) continue;
    const auto* posted = std::get_if<core::Posted>(&*event);
    if (posted != nullptr) highest = std::max(highest, posted->message.id);
  }
  return highest;
}

Result<void> SimStore::load(store::Recovery& recovery) {
  recovery.numbers(disk_.counters, id_ceiling(), disk_.last_seq);
  for (const auto& [name, data] : disk_.records) recovery.record(name.first, name.second, data);
  for (const auto& [no, stored] : disk_.channels) {
    core::ChannelRecord record = stored;
    if (plant_ == Plant::silent_loss) record.ever_joined = false;
    recovery.channel(std::move(record));
  }
  for (const auto& [seq, row] : disk_.journal) {
    auto event = codec_.decode(row.data, row.channel);
    if (!event) return std::unexpected(event.error());
    if (plant_ == Plant::cursors_not_restored) {
      if (std::holds_alternative<core::CursorsMoved>(*event)) continue;
    }
    if (plant_ == Plant::forgotten_client_ids) {
      if (auto* posted = std::get_if<core::Posted>(&*event)) posted->client_id.clear();
      if (auto* snapshot = std::get_if<core::Snapshot>(&*event)) {
        for (auto& member : snapshot->members) member.sent.clear();
      }
    }
    if (plant_ == Plant::forgotten_evictions) {
      if (auto* posted = std::get_if<core::Posted>(&*event)) posted->dropped_through = 0;
      if (auto* snapshot = std::get_if<core::Snapshot>(&*event)) snapshot->dropped_through = 0;
    }
    recovery.journal_row(seq, row.channel, std::move(*event));
  }
  for (const auto& [channel, senders] : disk_.transcript_senders) {
    const auto record = disk_.channels.find(channel);
    if (record == disk_.channels.end()) continue;
    if (record->second.options.retention != core::Retention::prompts) continue;
    for (const std::string& callsign : senders) recovery.transcript_sender(channel, callsign);
  }
  return {};
}

Result<std::vector<core::TranscriptEntry>> SimStore::transcript(core::ChannelNo, std::size_t) {
  return std::vector<core::TranscriptEntry>{};
}

Result<void> SimStore::probe() {
  if (disk_.refuses) return fail(ErrorCode::unavailable, "the disk is full");
  return {};
}

// What a channel's options keep off the disk must never be handed to the store at all.
void SimStore::check_privacy(const store::Batch& batch) {
  for (const core::ChannelRecord& record : batch.put_channels) known_[record.no] = record;
  for (const store::JournalRow& row : batch.journal) {
    const auto record = known_.find(row.channel);
    if (record != known_.end() && record->second.options.durable) continue;
    world_.violate("a channel that is not durable writes no message, callsign or cursor to disk",
                   fmt::format("journal row {} of channel {}", row.seq, row.channel));
  }
  for (const store::TranscriptRow& row : batch.transcript) {
    const auto record = known_.find(row.channel);
    const core::Retention retention =
        record == known_.end() ? core::Retention::none : record->second.options.retention;
    const bool text = row.entry.type == core::TranscriptEntry::Type::message;
    if (retention == core::Retention::none || (retention == core::Retention::metadata && text)) {
      world_.violate("a transcript keeps what its retention says and nothing else",
                     fmt::format("channel {}", row.channel));
    }
  }
}

void SimStore::append(store::Batch batch) {
  if (plant_ == Plant::content_on_disk && !batch.transcript.empty() && batch.journal.empty()) {
    batch.journal.push_back({1, batch.transcript.front().channel, "content"});
  }
  check_privacy(batch);
  world_.trace("store: batch {} of shard {}, {} rows, forgets {}", batch.ticket, batch.shard,
               batch.journal.size(), batch.forget.size());
  const std::uint32_t shard = batch.shard;
  const store::Ticket ticket = batch.ticket;
  queue_.push_back(std::move(batch));
  if (plant_ == Plant::early_commit) {
    notify([this, shard, ticket] { listener_->committed(shard, ticket); });
  }
  if (!writing_) begin_commit();
}

void SimStore::begin_commit() {
  writing_ = true;
  group_ = queue_.size();
  world_.after(world_.between(1, disk_.latency_max), alive_, [this] { finish_commit(); });
}

void SimStore::notify(std::move_only_function<void()> notice) {
  // Notices of one store arrive in the order in which they were given.
  last_notice_ = std::max(last_notice_, world_.time() + world_.between(0, 3));
  world_.after(last_notice_ - world_.time(), alive_, [this, notice = std::move(notice)]() mutable {
    if (!stopped_ && listener_ != nullptr) notice();
  });
}

void SimStore::finish_commit() {
  if (stopped_) return;
  if (disk_.refuses) {
    if (!std::exchange(failing_, true)) {
      // Cursors get to the disk within a second of its recovery: shorter pauses are none.
      if (world_.time() - outage_.to > 2 * kSecond) outage_.from = world_.time();
      outage_.to = std::numeric_limits<Millis>::max();
      world_.trace("store: failing");
      notify([this] { listener_->failing("the disk is full"); });
    }
    group_ = queue_.size();
    world_.after(100, alive_, [this] { finish_commit(); });
    return;
  }
  if (crash_here_(CommitPoint::before_write)) {
    stopped_ = true;
    return;
  }
  std::map<std::uint32_t, store::Ticket> through;
  for (std::size_t i = 0; i < group_; ++i) {
    write(queue_.front());
    through[queue_.front().shard] = queue_.front().ticket;
    queue_.pop_front();
  }
  forget_some();
  if (crash_here_(CommitPoint::after_write)) {
    stopped_ = true;
    return;
  }
  for (const auto& [shard, ticket] : through) {
    world_.trace("store: shard {} committed through {}", shard, ticket);
    if (plant_ == Plant::early_commit) continue;
    notify([this, shard, ticket] { listener_->committed(shard, ticket); });
  }
  if (queue_.empty() && std::exchange(failing_, false)) {
    outage_.to = world_.time();
    world_.trace("store: recovered");
    notify([this] { listener_->recovered(); });
  }
  if (crash_here_(CommitPoint::after_notice)) return;
  writing_ = false;
  if (!queue_.empty()) begin_commit();
}

void SimStore::write(store::Batch& batch) {
  for (const core::ChannelRecord& record : batch.put_channels) disk_.channels[record.no] = record;
  for (store::JournalRow& row : batch.journal) {
    if (!disk_.journal.emplace(row.seq, row).second) {
      world_.violate("journal rows have numbers of their own", fmt::format("row {}", row.seq));
    }
    disk_.last_seq = std::max(disk_.last_seq, row.seq);
  }
  for (const core::ChannelNo no : batch.delete_channels) {
    disk_.channels.erase(no);
    disk_.transcript_senders.erase(no);
  }
  for (const store::RecordChange& change : batch.records) {
    const auto name = std::pair(change.kind, change.key);
    if (change.data) {
      disk_.records.insert_or_assign(name, *change.data);
    } else {
      disk_.records.erase(name);
    }
  }
  for (const store::TranscriptRow& row : batch.transcript) {
    if (row.entry.type == core::TranscriptEntry::Type::message) {
      disk_.transcript_senders[row.channel].insert(row.entry.who);
    }
  }
  to_forget_.insert(to_forget_.end(), batch.forget.begin(), batch.forget.end());
  disk_.counters.channels_created += batch.counters_added.channels_created;
  disk_.counters.joins_total += batch.counters_added.joins_total;
  disk_.counters.messages_total += batch.counters_added.messages_total;
  disk_.id_ceiling = std::max(disk_.id_ceiling, batch.id_ceiling);
}

void SimStore::forget_some() {
  while (!to_forget_.empty() && world_.chance(0.9)) {
    const std::size_t pick = world_.below(to_forget_.size());
    const store::Seq seq = to_forget_[pick];
    to_forget_[pick] = to_forget_.back();
    to_forget_.pop_back();
    const auto row = disk_.journal.find(seq);
    if (row == disk_.journal.end()) continue;
    const auto next = disk_.journal.erase(row);
    if (plant_ == Plant::lost_row && next != disk_.journal.end()) disk_.journal.erase(next);
  }
}

}  // namespace rogerthat::sim
