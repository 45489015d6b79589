// The whole hub of a process: its shards, its store and its way up and down. Threads belong to it.
// Start, recovery, placement of new channels, drain. Shards do the rest.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "hub/accounts.h"
#include "hub/audit.h"
#include "hub/bans.h"
#include "hub/limiter.h"
#include "hub/shard.h"
#include "hub/webhooks.h"
#include "hub/worker_pool.h"
#include "store/store.h"

namespace rogerthat::hub {

struct HubOptions {
  std::uint32_t shards = 1;
  std::size_t ring_bytes = core::kRingBytesDefault;
  std::size_t stream_backlog_bytes_max = 4 << 20;
  std::size_t channels_max = 1'000'000;  // shared out evenly among the shards
  std::size_t memory_max = 0;            // likewise; bytes that channels may hold
  Millis idle_joined = 90 * kDay;
  Millis idle_never_joined = 30 * kDay;
  std::vector<std::string> bands;  // public channels that always exist; their ids are their names
  RateLimits limits;
};

// Runs a job on a shard's thread. Given by main: the loops belong to the net room.
using Poster = std::function<void(std::uint32_t shard, std::move_only_function<void()>)>;

class Hub final : public store::Listener {
 public:
  Hub(HubOptions options, store::Store& store, const store::EventCodec& codec, Poster poster);
  ~Hub() override;

  Shard& shard(std::uint32_t number) { return *shards_[number]; }
  std::uint32_t shard_count() const { return static_cast<std::uint32_t>(shards_.size()); }
  std::uint32_t shard_of_channel(std::string_view channel_id) const;

  // Loads the store on a thread of its own and hands each shard its channels. ready() turns true
  // when every shard has them; `failed` is called where the store cannot be read.
  void start(std::function<void(Error)> failed);
  bool ready() const { return ready_; }
  void begin_drain();
  bool draining() const { return draining_; }
  void stop();  // flushes what is pending and ends its threads

  // A fresh channel id whose entity belongs to `shard`, and the record for it: no, id, token hash
  // and created_at are filled in. `token` receives the join token.
  core::ChannelRecord new_channel(const core::ChannelOptions& options, std::uint32_t shard,
                                  std::string& token);

  // The record of an inbox of direct messages.
  core::ChannelRecord new_inbox(std::string_view handle, std::uint32_t shard);

  Accounts& accounts() { return accounts_; }
  Bans& bans() { return bans_; }
  const Bans& bans() const { return bans_; }
  Audit& audit() { return audit_; }
  Webhooks& webhooks() { return webhooks_; }
  Limiter& limiter() { return limiter_; }
  WorkerPool& workers() { return workers_; }  // slow hashes, reads from disk
  store::Store& store() { return store_; }
  void post(std::uint32_t shard, std::move_only_function<void()> job);
  std::size_t held() const;                  // bytes that channels hold in memory; any thread
  store::LifetimeCounters lifetime() const;  // stored and since; any thread
  // Asks every shard for its numbers; `done` runs on the thread of shard `asking`.
  void collect(std::uint32_t asking, std::move_only_function<void(std::vector<ShardStats>)> done);
  bool store_healthy() const { return store_healthy_; }
  // Tries the write path, at most once a second; the answer comes on `shard`.
  void probe_store(std::uint32_t shard, std::move_only_function<void(Result<void>)> done);

  void committed(std::uint32_t shard, store::Ticket ticket) override;
  void failing(const std::string& reason) override;
  void recovered() override;

 private:
  void load(const std::function<void(Error)>& failed);

  HubOptions options_;
  store::Store& store_;
  Poster poster_;
  Limiter limiter_;
  Accounts accounts_;
  Bans bans_;
  Audit audit_;
  Webhooks webhooks_{*this};
  std::vector<std::unique_ptr<Random>> randoms_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
  std::atomic<bool> store_healthy_{true};
  std::atomic<core::ChannelNo> next_channel_no_{1};

  mutable std::mutex mutex_;  // guards what follows
  store::LifetimeCounters stored_counters_;
  std::vector<std::move_only_function<void(Result<void>)>> probe_waiters_;
  bool probing_ = false;
  Millis probed_at_ = 0;  // steady
  Result<void> probed_{};

  std::thread loader_;
  WorkerPool workers_;  // last: its threads end before what they use
};

}  // namespace rogerthat::hub
