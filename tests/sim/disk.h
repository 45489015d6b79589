// The simulated disk and the store over it. The disk outlives every process; the store belongs to
// one. Batches commit in order, in groups, after a while; a crash loses what has not been
// committed, and only that. Forgetting is lazy, as it may be: a crash brings forgotten rows back.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plants.h"
#include "store/codec.h"
#include "store/store.h"
#include "world.h"

namespace rogerthat::sim {

struct Disk {
  std::map<std::pair<store::RecordKind, std::string>, std::string> records;
  std::map<core::ChannelNo, core::ChannelRecord> channels;
  std::map<store::Seq, store::JournalRow> journal;
  std::map<core::ChannelNo, std::set<std::string>> transcript_senders;
  store::LifetimeCounters counters;
  core::MessageId id_ceiling = 0;
  store::Seq last_seq = 0;

  // How it behaves just now.
  Millis latency_max = 5;
  bool refuses = false;
};

enum class CommitPoint : std::uint8_t { before_write, after_write, after_notice };

class SimStore final : public store::Store {
 public:
  // `crash_here` is asked at every commit point; true stops the store for good.
  SimStore(World& world, Disk& disk, const store::EventCodec& codec, Plant plant,
           std::function<bool(CommitPoint)> crash_here);

  Result<void> load(store::Recovery& recovery) override;
  void start(store::Listener& listener) override { listener_ = &listener; }
  void append(store::Batch batch) override;
  void flush() override {}
  Result<std::vector<core::TranscriptEntry>> transcript(core::ChannelNo, std::size_t) override;
  Result<void> probe() override;
  store::StoreStats stats() override { return {}; }

  // When nothing could be written, latest; `to` is far away while it lasts.
  struct Outage {
    Millis from = 0;
    Millis to = -kHour;
  };
  const Outage& outage() const { return outage_; }

 private:
  core::MessageId id_ceiling() const;
  void begin_commit();
  void finish_commit();
  void write(store::Batch& batch);
  void forget_some();
  void check_privacy(const store::Batch& batch);
  void notify(std::move_only_function<void()> notice);

  World& world_;
  Disk& disk_;
  const store::EventCodec& codec_;
  Plant plant_;
  std::function<bool(CommitPoint)> crash_here_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  store::Listener* listener_ = nullptr;
  std::deque<store::Batch> queue_;
  std::size_t group_ = 0;  // of the commit under way: that many from the front of the queue
  std::vector<store::Seq> to_forget_;
  std::map<core::ChannelNo, core::ChannelRecord> known_;  // also of channels not committed yet
  Millis last_notice_ = 0;
  bool writing_ = false;
  Outage outage_;
  bool failing_ = false;
  bool stopped_ = false;
};

}  // namespace rogerthat::sim
