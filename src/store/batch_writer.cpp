#include "store/batch_writer.h"

#include <algorithm>
#include <utility>

#include "store/transcript_bound.h"

namespace rogerthat::store {

namespace {

// A transaction's bounds: larger ones would not be faster, only later.
constexpr std::size_t kTransactionRows = 20'000;
constexpr std::size_t kTransactionBytes = 8 << 20;
// For a disk that has just refused: where there is little room, little fits.
constexpr std::size_t kSmallTransactionBytes = 128 << 10;

std::size_t row_count(const Batch& batch) {
  return batch.put_channels.size() + batch.delete_channels.size() + batch.records.size() +
         batch.journal.size() + batch.transcript.size();
}

std::size_t byte_count(const Batch& batch) {
  std::size_t bytes = 16 * batch.delete_channels.size();
  for (const auto& record : batch.put_channels) bytes += 256 + record.owner_password_hash.size();
  for (const auto& change : batch.records) {
    bytes += 32 + change.key.size() + (change.data ? change.data->size() : 0);
  }
  for (const auto& row : batch.journal) bytes += 32 + row.data.size();
  for (const auto& row : batch.transcript) bytes += transcript_weight(row.entry);
  return bytes;
}

}  // namespace

QueuedBatch::QueuedBatch(Batch b)
    : batch(std::move(b)), rows(row_count(batch)), bytes(byte_count(batch)) {}

std::size_t BatchWriter::choose(const std::deque<QueuedBatch>& pending, bool small) {
  const std::size_t bytes_max = small ? kSmallTransactionBytes : kTransactionBytes;
  std::size_t count = 0;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  for (const QueuedBatch& each : pending) {
    rows += each.rows;
    bytes += each.bytes;
    if (count > 0 && (rows > kTransactionRows || bytes > bytes_max)) break;
    ++count;
  }
  return count;
}

Result<void> BatchWriter::write(WriteConnection& to, const std::deque<QueuedBatch>& pending,
                                std::size_t count) {
  LifetimeCounters counters;
  core::MessageId id_ceiling = 0;
  core::ChannelNo last_channel = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Batch& batch = pending[i].batch;
    for (const auto& record : batch.put_channels) {
      if (auto done = to.put(record); !done) return done;
      last_channel = std::max(last_channel, record.no);
    }
    for (const core::ChannelNo channel : batch.delete_channels) {
      if (auto done = to.delete_channel(channel); !done) return done;
    }
    for (const RecordChange& change : batch.records) {
      if (auto done = to.change(change); !done) return done;
    }
    for (const TranscriptRow& row : batch.transcript) {
      if (auto done = to.put(row); !done) return done;
    }
    counters.channels_created += batch.counters_added.channels_created;
    counters.joins_total += batch.counters_added.joins_total;
    counters.messages_total += batch.counters_added.messages_total;
    id_ceiling = std::max(id_ceiling, batch.id_ceiling);
  }
  if (auto done = write_journal(to, pending, count); !done) return done;
  if (auto done = to.add(counters); !done) return done;
  if (id_ceiling > 0) {
    if (auto done = to.raise_id_ceiling(id_ceiling); !done) return done;
  }
  if (last_channel > 0) {
    if (auto done = to.raise_last_channel(last_channel); !done) return done;
  }
  return {};
}

// In rising order, also where several shards take turns: an append is cheaper than a search, and
// does not split pages.
Result<void> BatchWriter::write_journal(WriteConnection& to, const std::deque<QueuedBatch>& pending,
                                        std::size_t count) {
  journal_order_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    for (const JournalRow& row : pending[i].batch.journal) journal_order_.push_back(&row);
  }
  if (!std::ranges::is_sorted(journal_order_, {}, &JournalRow::seq)) {
    std::ranges::sort(journal_order_, {}, &JournalRow::seq);
  }
  for (const JournalRow* row : journal_order_) {
    if (auto done = to.put(*row); !done) return done;
  }
  return {};
}

}  // namespace rogerthat::store
