// A hub of several shards on one thread, over a disk that outlives it. Which shard does its next
// job, when the disk writes and when it refuses is drawn from a seed, so that whatever may happen
// between shards does, and happens again.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "hub/hub.h"

namespace rogerthat::hub {

struct Disk {
  std::map<std::pair<store::RecordKind, std::string>, std::string> records;
  std::map<core::ChannelNo, core::ChannelRecord> channels;
  std::map<store::Seq, store::JournalRow> journal;
  core::MessageId id_ceiling = 0;
  store::Seq last_seq = 0;
  core::ChannelNo last_channel = 0;
};

// Batches wait until somebody says that they are written.
class SeededStore final : public store::Store {
 public:
  SeededStore(Disk& disk, const store::EventCodec& codec) : disk_(disk), codec_(codec) {}

  Result<void> load(store::Recovery& recovery) override {
    recovery.numbers({}, disk_.id_ceiling, disk_.last_seq);
    recovery.last_channel(disk_.last_channel);
    for (const auto& [name, data] : disk_.records) recovery.record(name.first, name.second, data);
    for (const auto& [no, record] : disk_.channels) recovery.channel(record);
    for (const auto& [seq, row] : disk_.journal) {
      auto event = codec_.decode(row.data, row.channel);
      if (!event) return std::unexpected(event.error());
      recovery.journal_row(seq, row.channel, std::move(*event));
    }
    return {};
  }
  void start(store::Listener& listener) override { listener_ = &listener; }
  void append(store::Batch batch) override { queue_.push_back(std::move(batch)); }
  void flush() override {}
  Result<std::vector<core::TranscriptEntry>> transcript(core::ChannelNo, std::size_t) override {
    return {};
  }
  Result<void> probe() override { return {}; }
  store::StoreStats stats() override { return {}; }

  std::size_t waiting() const { return queue_.size(); }
  const std::deque<store::Batch>& queue() const { return queue_; }
  bool refuses() const { return refuses_; }

  void write(std::size_t batches) {
    for (; batches > 0 && !queue_.empty() && !refuses_; --batches) {
      const store::Batch batch = std::move(queue_.front());
      queue_.pop_front();
      put(batch);
      listener_->committed(batch.shard, batch.ticket);
    }
  }
  void refuse() {
    refuses_ = true;
    listener_->failing("the disk is full");
  }
  void recover() {
    refuses_ = false;
    write(queue_.size());
    listener_->recovered();
  }

 private:
  void put(const store::Batch& batch) {
    for (const core::ChannelRecord& record : batch.put_channels) {
      disk_.channels[record.no] = record;
      disk_.last_channel = std::max(disk_.last_channel, record.no);
    }
    for (const store::JournalRow& row : batch.journal) {
      disk_.journal[row.seq] = row;
      disk_.last_seq = std::max(disk_.last_seq, row.seq);
    }
    for (const core::ChannelNo no : batch.delete_channels) disk_.channels.erase(no);
    for (const store::RecordChange& change : batch.records) {
      const auto name = std::pair(change.kind, change.key);
      if (change.data) {
        disk_.records.insert_or_assign(name, *change.data);
      } else {
        disk_.records.erase(name);
      }
    }
    for (const store::Seq seq : batch.forget) disk_.journal.erase(seq);
    disk_.id_ceiling = std::max(disk_.id_ceiling, batch.id_ceiling);
  }

  Disk& disk_;
  const store::EventCodec& codec_;
  store::Listener* listener_ = nullptr;
  std::deque<store::Batch> queue_;
  bool refuses_ = false;
};

class SeededHub {
 public:
  using Prepare = std::function<void(Hub&)>;  // of each life, before it begins
  SeededHub(Random& random, std::uint32_t shards, Prepare prepare = {})
      : random_(random), shards_(shards), prepare_(std::move(prepare)) {
    start();
  }

  Hub& operator*() { return life_->hub; }
  Hub* operator->() { return &life_->hub; }
  bool disk_refuses() const { return life_->store.refuses(); }
  Disk& disk() { return disk_; }
  SeededStore& store() { return life_->store; }
  // The clocks of all shards.
  Now now() const {
    const Now real = read_clocks();
    return {real.wall + ahead_, real.steady + ahead_};
  }
  void pass(Millis time) {
    ahead_ += time;
    for (std::uint32_t shard = 0; shard < shards_; ++shard) life_->hub.shard(shard).set_now(now());
  }
  std::uint32_t any_shard() { return static_cast<std::uint32_t>(random_.below(shards_)); }

  void post(std::uint32_t shard, std::move_only_function<void()> job) {
    life_->queues[shard].push_back(std::move(job));
  }

  // One thing, on some shard or on the disk.
  void step() {
    const std::uint32_t shard = any_shard();
    const std::uint64_t chance = random_.below(10);
    if (chance < 6) {
      run_next(shard);
    } else if (chance < 8) {
      life_->hub.shard(shard).flush();
    } else if (chance == 8) {
      life_->store.write(1 + random_.below(3));
    } else {
      life_->hub.shard(shard).run_timers(now());
    }
  }
  // Everything that is under way, to its end.
  void settle() {
    if (disk_refuses()) recover_disk();
    for (bool busy = true; busy;) {
      busy = false;
      for (std::uint32_t shard = 0; shard < shards_; ++shard) {
        while (run_next(shard)) busy = true;
        life_->hub.shard(shard).flush();
      }
      busy = busy || life_->store.waiting() > 0;
      life_->store.write(life_->store.waiting());
    }
  }
  // The next job of this shard; false: it has none.
  bool run_next(std::uint32_t shard) {
    std::unique_lock lock(life_->mutex);
    auto& queue = life_->queues[shard];
    if (queue.empty()) return false;
    auto job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    life_->hub.shard(shard).set_now(now());
    job();
    return true;
  }
  void refuse_disk() { life_->store.refuse(); }
  void recover_disk() { life_->store.recover(); }
  // The process is gone from one moment to the next; what the disk has written is there.
  void crash() {
    life_.reset();
    start();
  }

 private:
  struct Life {
    Life(Disk& disk, const store::EventCodec& codec, std::uint32_t shards)
        : store(disk, codec),
          queues(shards),
          hub(HubOptions{.shards = shards, .bands = {}, .limits = {}}, store, codec,
              [this](std::uint32_t shard, std::move_only_function<void()> job) {
                const std::lock_guard lock(mutex);
                queues[shard].push_back(std::move(job));
              }) {}
    SeededStore store;
    std::mutex mutex;  // the hub reads its store on a thread of its own
    std::vector<std::deque<std::move_only_function<void()>>> queues;
    Hub hub;
  };

  void start() {
    life_ = std::make_unique<Life>(disk_, codec_, shards_);
    if (prepare_) prepare_(life_->hub);
    life_->hub.start([](const Error&) { std::abort(); });
    while (!life_->hub.ready()) {
      for (std::uint32_t shard = 0; shard < shards_; ++shard) run_next(shard);
    }
  }

  Random& random_;
  const std::uint32_t shards_;
  const Prepare prepare_;
  Millis ahead_ = 0;  // of the real clocks
  Disk disk_;
  store::EventCodec codec_{Digest{}};
  std::unique_ptr<Life> life_;
};

}  // namespace rogerthat::hub
