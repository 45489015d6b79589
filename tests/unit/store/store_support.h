// What the tests of the store share: a directory that goes away, a listener and a recovery that
// remember what they were told.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "store/sqlite_store.h"

namespace rogerthat::store {

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "rogerthat-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// In any file of the directory.
inline bool on_disk(const std::string& dir, const std::string& needle) {
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (read_file(entry.path()).find(needle) != std::string::npos) return true;
  }
  return false;
}

// Declared before the store, for it must outlive it.
class Remembering final : public Listener {
 public:
  void committed(std::uint32_t shard, Ticket ticket) override {
    const std::lock_guard lock(mutex_);
    tickets_.emplace_back(shard, ticket);
    changed_.notify_all();
  }
  void failing(const std::string& reason) override {
    const std::lock_guard lock(mutex_);
    reasons_.push_back(reason);
    changed_.notify_all();
  }
  void recovered() override {
    const std::lock_guard lock(mutex_);
    ++recoveries_;
    changed_.notify_all();
  }

  // Each waits for the event; false: it did not come in a long time.
  bool wait_committed(std::uint32_t shard, Ticket ticket) {
    return wait([&] {
      for (const auto& [s, t] : tickets_) {
        if (s == shard && t >= ticket) return true;
      }
      return false;
    });
  }
  bool wait_failing() {
    return wait([&] { return !reasons_.empty(); });
  }
  bool wait_recovered() {
    return wait([&] { return recoveries_ > 0; });
  }

  std::vector<std::pair<std::uint32_t, Ticket>> tickets() {
    const std::lock_guard lock(mutex_);
    return tickets_;
  }
  std::vector<std::string> reasons() {
    const std::lock_guard lock(mutex_);
    return reasons_;
  }
  int recoveries() {
    const std::lock_guard lock(mutex_);
    return recoveries_;
  }

 private:
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::uint32_t, Ticket>> tickets_;
  std::vector<std::string> reasons_;
  int recoveries_ = 0;
};

struct Recovered final : Recovery {
  LifetimeCounters counters;
  core::MessageId id_ceiling = 0;
  Seq last_seq = 0;
  core::ChannelNo highest_channel = 0;
  std::vector<core::ChannelRecord> channels;
  struct Row {
    Seq seq;
    core::ChannelNo channel;
    core::Event event;
  };
  std::vector<Row> rows;
  std::vector<std::pair<core::ChannelNo, std::string>> senders;
  std::map<std::pair<RecordKind, std::string>, std::string> records;

  void numbers(const LifetimeCounters& c, core::MessageId ceiling, Seq seq) override {
    counters = c;
    id_ceiling = ceiling;
    last_seq = seq;
  }
  void last_channel(core::ChannelNo no) override { highest_channel = no; }
  void record(RecordKind kind, std::string_view key, std::string_view data) override {
    records.emplace(std::pair(kind, key), data);
  }
  void channel(core::ChannelRecord record) override { channels.push_back(std::move(record)); }
  void journal_row(Seq seq, core::ChannelNo channel, core::Event event) override {
    rows.push_back({seq, channel, std::move(event)});
  }
  void transcript_sender(core::ChannelNo channel, std::string callsign) override {
    senders.emplace_back(channel, std::move(callsign));
  }

  std::vector<Seq> seqs() const {
    std::vector<Seq> all;
    for (const Row& row : rows) all.push_back(row.seq);
    return all;
  }
};

inline const Digest kTestKey = sha256("the key of the tests");

inline std::unique_ptr<SqliteStore> open_store(const std::string& dir,
                                               std::uint64_t transcript_bytes_max = 1 << 30) {
  auto store = SqliteStore::open(
      {.dir = dir, .key = kTestKey, .transcript_bytes_max = transcript_bytes_max});
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }
  return std::move(*store);
}

inline Recovered load(SqliteStore& store) {
  Recovered recovered;
  const auto done = store.load(recovered);
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return recovered;
}

inline Recovered reopen_and_load(const std::string& dir) {
  return load(*open_store(dir));
}

inline core::ChannelRecord channel_record(core::ChannelNo no,
                                          core::Retention retention = core::Retention::full) {
  core::ChannelRecord record;
  record.no = no;
  record.id = "calm-otter-" + std::to_string(no);
  record.options.durable = true;
  record.options.retention = retention;
  return record;
}

inline JournalRow message_row(Seq seq, core::ChannelNo channel, const std::string& text) {
  core::Posted posted;
  posted.message.id = 1'700'000'000'000 + seq;
  posted.message.at = 1'700'000'000'000;
  posted.message.text = text;
  posted.from = "alpha";
  return {seq, channel, EventCodec(kTestKey).encode(posted, channel)};
}

inline TranscriptRow message_line(core::ChannelNo channel, const std::string& who,
                                  const std::string& text) {
  TranscriptRow row;
  row.channel = channel;
  row.entry.who = who;
  row.entry.to = "all";
  row.entry.text = text;
  return row;
}

inline TranscriptRow join_line(core::ChannelNo channel, const std::string& who) {
  TranscriptRow row;
  row.channel = channel;
  row.entry.type = core::TranscriptEntry::Type::join;
  row.entry.who = who;
  return row;
}

// A first batch with channels 1..count, as ticket 1 of shard 0.
inline Batch channels_batch(int count, core::Retention retention = core::Retention::full) {
  Batch batch;
  batch.ticket = 1;
  for (int no = 1; no <= count; ++no) batch.put_channels.push_back(channel_record(no, retention));
  return batch;
}

}  // namespace rogerthat::store
