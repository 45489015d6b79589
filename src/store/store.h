// What must survive. The one interface between the hub and the disk: a directory of records, an
// ordered journal of events per channel, transcripts and a few numbers.
//
// Contract for every implementation:
//  - append() takes a batch from any thread and returns at once. Batches of one shard commit in the
//    order given, each whole or not at all; several may share one commit (group commit).
//  - committed(shard, ticket) is called, from the store's own thread, when every batch of that
//  shard
//    up to `ticket` is on stable storage.
//  - When the disk refuses, failing(reason) is called once; the store keeps its queue, tries again
//    and calls recovered() once the queue has been written. Nothing that was appended is dropped
//    while the process lives: state in memory never goes back.
//  - load() is called once, before the first append.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/event.h"
#include "core/types.h"

namespace rogerthat::store {

using Ticket = std::uint64_t;
using Seq = std::int64_t;  // names a journal row; given by the shard, rising

struct JournalRow {
  Seq seq = 0;
  core::ChannelNo channel = 0;
  std::string data;  // encode_event (codec.h)
};

struct TranscriptRow {
  core::ChannelNo channel = 0;
  core::TranscriptEntry entry;
};

// Something that is looked up by its name and replaced as a whole: accounts, identities, hooks.
// What `data` holds is known to the codec of its kind; a band's name says all: it has been joined.
enum class RecordKind : std::uint8_t { account = 1, identity, webhook, delivery, ban, audit, band };

struct RecordChange {
  RecordKind kind = RecordKind::account;
  std::string key;
  std::optional<std::string> data;  // absent: the record is deleted
};

struct LifetimeCounters {
  std::uint64_t channels_created = 0;
  std::uint64_t joins_total = 0;
  std::uint64_t messages_total = 0;
  Millis started_at = 0;  // of the first start ever, wall
};

struct Batch {
  std::uint32_t shard = 0;
  Ticket ticket = 0;  // the shard's own count, rising; what committed() answers with
  std::vector<core::ChannelRecord> put_channels;  // insert or replace
  std::vector<core::ChannelNo> delete_channels;   // with journal and transcript; after the puts
  std::vector<RecordChange> records;              // in order
  std::vector<JournalRow> journal;
  // Journal rows that nothing needs any more. They are deleted some time after the commit: after a
  // crash some may still be there, the later ones of a channel rather than the earlier.
  std::vector<Seq> forget;
  std::vector<TranscriptRow> transcript;
  LifetimeCounters counters_added;  // added to what is stored (started_at ignored)
  core::MessageId id_ceiling = 0;   // 0: unchanged; never lowers what is stored

  bool empty() const;
};

class Listener {  // implemented by the hub; called from the store's thread
 public:
  virtual ~Listener() = default;
  virtual void committed(std::uint32_t shard, Ticket ticket) = 0;
  virtual void failing(const std::string& reason) = 0;
  virtual void recovered() = 0;
};

class Recovery {  // implemented by the hub; called from load(), in this order
 public:
  virtual ~Recovery() = default;
  virtual void numbers(const LifetimeCounters& counters, core::MessageId id_ceiling,
                       Seq last_seq) = 0;
  // The highest number that any channel ever had. Numbers are not given twice: rows of a deleted
  // channel may linger for a while, and must not turn up in another.
  virtual void last_channel(core::ChannelNo) {}
  virtual void record(RecordKind, std::string_view /*key*/, std::string_view /*data*/) {}
  virtual void channel(core::ChannelRecord record) = 0;
  virtual void journal_row(Seq seq, core::ChannelNo channel, core::Event event) = 0;  // seq order
  // Channels with retention `prompts`: who has a message in the transcript already.
  virtual void transcript_sender(core::ChannelNo channel, std::string callsign) = 0;
};

struct StoreStats {
  std::uint64_t commits = 0, rows = 0, forgotten = 0, failures = 0;
  std::uint64_t queued_batches = 0;  // now
  std::uint64_t queued_bytes = 0;    // now
  std::uint64_t disk_bytes = 0;      // database and log
  // Commit latency, upper bounds in microseconds and counts (not cumulative).
  std::vector<std::pair<std::uint64_t, std::uint64_t>> commit_latency_us;
  std::uint64_t commit_latency_sum_us = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<void> load(Recovery& recovery) = 0;
  // From here on append() and committed(). The listener must outlive the store.
  virtual void start(Listener& listener) = 0;
  virtual void append(Batch batch) = 0;  // any thread
  virtual void flush() = 0;              // waits until the queue is written or failing
  // The newest `limit` entries, oldest first. Reads from disk: for a worker thread, not a loop.
  virtual Result<std::vector<core::TranscriptEntry>> transcript(core::ChannelNo channel,
                                                                std::size_t limit) = 0;
  // Tries the write path and says why it fails. Blocks: for a worker thread.
  virtual Result<void> probe() = 0;
  virtual StoreStats stats() = 0;  // any thread
};

}  // namespace rogerthat::store
