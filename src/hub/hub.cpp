#include "hub/hub.h"

#include <latch>
#include <utility>

#include "base/log.h"
#include "core/names.h"
#include "hub/recovery.h"

namespace rogerthat::hub {

namespace {
constexpr std::size_t kWorkers = 2;
constexpr std::size_t kWorkerQueue = 256;
constexpr std::size_t kTokenBytes = 32;
constexpr Millis kProbeInterval = kSecond;
// A crash may have come between a revocation and the end of what lived by it: sessions, an inbox.
void end_stale(Shard& shard, const Accounts& accounts) {
  std::vector<std::string> stale;
  std::vector<ChannelEntry*> ownerless;
  shard.each_channel([&](ChannelEntry& entry) {
    if (entry.record.options.inbox && !accounts.has_owner(entry.record.id)) {
      ownerless.push_back(&entry);
      return;
    }
    for (const core::SessionNo no : entry.channel.join_order()) {
      const core::Session& session = entry.channel.session(no);
      if (session.identity_account.empty()) continue;
      const std::string_view callsign = entry.channel.member(session.member).callsign;
      if (!accounts.holds(callsign, session.identity_account)) stale.emplace_back(callsign);
    }
  });
  for (const std::string& callsign : stale) shard.end_identity(callsign);
  for (ChannelEntry* const entry : ownerless) shard.remove(*entry);
}

}  // namespace

Hub::Hub(HubOptions options, store::Store& store, const store::EventCodec& codec, Poster poster)
    : options_(std::move(options)),
      store_(store),
      poster_(std::move(poster)),
      limiter_(options_.limits),
      accounts_(*this),
      bans_(*this),
      audit_(*this),
      workers_(kWorkers, kWorkerQueue) {
  for (std::uint32_t n = 0; n < options_.shards; ++n) {
    randoms_.push_back(std::make_unique<SystemRandom>());
    shards_.push_back(std::make_unique<Shard>(n, options_.shards, store_, codec, *randoms_.back()));
    shards_.back()->set_stream_backlog_max(options_.stream_backlog_bytes_max);
    shards_.back()->set_channels_max((options_.channels_max + n) / options_.shards);
    if (options_.memory_max > 0)
      shards_.back()->set_memory_max(options_.memory_max / options_.shards);
    shards_.back()->set_webhooks(&webhooks_);
    shards_.back()->set_bans(&bans_);
    shards_.back()->set_idle_limits(options_.idle_joined, options_.idle_never_joined);
  }
}

Hub::~Hub() {
  if (loader_.joinable()) loader_.join();
}

std::uint32_t Hub::shard_of_channel(std::string_view channel_id) const {
  return shard_of(channel_id, shard_count());
}

void Hub::post(std::uint32_t shard, std::move_only_function<void()> job) {
  poster_(shard, std::move(job));
}

// ---------------------------------------------------------------------------------- the way up

void Hub::start(std::function<void(Error)> failed) {
  loader_ = std::thread([this, failed = std::move(failed)] { load(failed); });
}

void Hub::load(const std::function<void(Error)>& failed) {
  const Now begin = read_clocks();
  auto rebuilder = std::make_shared<Rebuilder>(shard_count(), begin);
  if (auto loaded = store_.load(*rebuilder); !loaded) {
    failed(loaded.error());
    return;
  }
  rebuilder->add_bands(options_.bands);
  auto hooks = std::make_shared<Rebuilder::Hooks>(rebuilder->take_hooks());
  webhooks_.load(std::move(hooks->records));
  accounts_.load(rebuilder->take_directory());
  bans_.load(rebuilder->take_bans());
  audit_.load(rebuilder->take_audit());
  next_channel_no_ = rebuilder->last_channel() + 1;
  {
    const std::lock_guard lock(mutex_);
    stored_counters_ = rebuilder->counters();
  }
  store_.start(*this);
  log(LogLevel::info, "recovered",
      {{"channels", rebuilder->channels()},
       {"journal_rows", rebuilder->rows()},
       {"ms", read_clocks().steady - begin.steady}});
  auto left = std::make_shared<std::atomic<std::uint32_t>>(shard_count());
  for (std::uint32_t n = 0; n < shard_count(); ++n) {
    auto entries = std::make_shared<std::vector<std::unique_ptr<ChannelEntry>>>(rebuilder->take(n));
    poster_(n, [this, n, left, entries, hooks, ceiling = rebuilder->id_ceiling(),
                last_seq = rebuilder->last_seq()] {
      shards_[n]->set_now(read_clocks());
      shards_[n]->adopt(std::move(*entries), ceiling, last_seq);
      if (n == 0) shards_[n]->put_records(std::move(hooks->orphans), [](bool) {});
      shards_[n]->adopt_deliveries(std::move(hooks->waiting[n]));
      end_stale(*shards_[n], accounts_);
      bans_.end_stale(*shards_[n]);
      if (left->fetch_sub(1) == 1) ready_ = true;
    });
  }
}

core::ChannelRecord Hub::new_channel(const core::ChannelOptions& options, std::uint32_t shard,
                                     std::string& token) {
  Random& random = *randoms_[shard];
  core::ChannelRecord record;
  do {
    record.id = core::random_channel_id(random);
  } while (shard_of_channel(record.id) != shard || shards_[shard]->find(record.id) != nullptr);
  record.no = next_channel_no_++;
  record.options = options;
  record.options.ring_bytes = static_cast<std::uint32_t>(options_.ring_bytes);
  token = random.token(kTokenBytes);
  record.token_hash = sha256(token);
  record.created_at = shards_[shard]->now().wall;
  record.last_activity_at = record.created_at;
  return record;
}

core::ChannelRecord Hub::new_inbox(std::string_view handle, std::uint32_t shard) {
  core::ChannelRecord record;
  record.id = core::inbox_name(handle);
  record.no = next_channel_no_++;
  record.options.inbox = true;
  record.options.durable = true;
  record.options.require_identity = true;
  record.options.loop_guard = core::LoopGuardMode::off;
  record.options.ring_size = core::kInboxSize;
  record.options.ring_bytes = static_cast<std::uint32_t>(options_.ring_bytes);
  record.created_at = shards_[shard]->now().wall;
  record.last_activity_at = record.created_at;
  return record;
}

// --------------------------------------------------------------------------------- running it

void Hub::committed(std::uint32_t shard, store::Ticket ticket) {
  poster_(shard, [this, shard, ticket] { shards_[shard]->committed(ticket); });
}

void Hub::failing(const std::string& reason) {
  store_healthy_ = false;
  log(LogLevel::error, "the store refuses writes", {{"reason", reason}});
  for (std::uint32_t n = 0; n < shard_count(); ++n) {
    poster_(n, [this, n, reason] { shards_[n]->store_failing(reason); });
  }
}

void Hub::recovered() {
  store_healthy_ = true;
  log(LogLevel::info, "the store writes again");
  for (std::uint32_t n = 0; n < shard_count(); ++n) {
    poster_(n, [this, n] { shards_[n]->store_recovered(); });
  }
}

store::LifetimeCounters Hub::lifetime() const {
  store::LifetimeCounters sum;
  {
    const std::lock_guard lock(mutex_);
    sum = stored_counters_;
  }
  for (const auto& shard : shards_) {
    const store::LifetimeCounters since = shard->counters();
    sum.channels_created += since.channels_created;
    sum.joins_total += since.joins_total;
    sum.messages_total += since.messages_total;
  }
  return sum;
}

std::size_t Hub::held() const {
  std::size_t bytes = 0;
  for (const auto& shard : shards_) bytes += shard->held();
  return bytes;
}

void Hub::collect(std::uint32_t asking,
                  std::move_only_function<void(std::vector<ShardStats>)> done) {
  struct Gathering {
    std::mutex mutex;
    std::vector<ShardStats> stats;
    std::size_t left = 0;
    std::move_only_function<void(std::vector<ShardStats>)> done;
  };
  auto gathering = std::make_shared<Gathering>();
  gathering->stats.resize(shard_count());
  gathering->left = shard_count();
  gathering->done = std::move(done);
  for (std::uint32_t n = 0; n < shard_count(); ++n) {
    poster_(n, [this, n, asking, gathering] {
      const std::lock_guard lock(gathering->mutex);
      gathering->stats[n] = shards_[n]->stats();
      if (--gathering->left > 0) return;
      // Moved out: whichever shard lets go of `gathering` last, the caller's state ends on its own.
      poster_(asking, [stats = std::move(gathering->stats),
                       done = std::move(gathering->done)]() mutable { done(std::move(stats)); });
    });
  }
}

void Hub::probe_store(std::uint32_t shard, std::move_only_function<void(Result<void>)> done) {
  const std::lock_guard lock(mutex_);
  auto answer = [this, shard, done = std::move(done)](Result<void> result) mutable {
    poster_(shard, [result = std::move(result), done = std::move(done)]() mutable {
      done(std::move(result));
    });
  };
  const Millis now = read_clocks().steady;
  if (!probing_ && probed_at_ != 0 && now - probed_at_ < kProbeInterval) {
    answer(probed_);
    return;
  }
  probe_waiters_.emplace_back(std::move(answer));
  if (probing_) return;
  probing_ = workers_.submit([this] {
    Result<void> result = store_.probe();
    std::vector<std::move_only_function<void(Result<void>)>> waiters;
    {
      const std::lock_guard relock(mutex_);
      probing_ = false;
      probed_at_ = read_clocks().steady;
      probed_ = result;
      waiters = std::exchange(probe_waiters_, {});
    }
    for (auto& waiter : waiters) waiter(result);
  });
  if (probing_) return;
  for (auto& waiter : std::exchange(probe_waiters_, {})) {
    waiter(fail(ErrorCode::unavailable, "The server is too busy to try its disk."));
  }
}

// -------------------------------------------------------------------------------- the way down

void Hub::begin_drain() {
  draining_ = true;
  for (std::uint32_t n = 0; n < shard_count(); ++n) {
    poster_(n, [this, n] { shards_[n]->drain(); });
  }
}

void Hub::stop() {
  if (loader_.joinable()) loader_.join();
  workers_.stop();
  if (!ready_) return;
  std::latch wound_down(shard_count());
  for (std::uint32_t n = 0; n < shard_count(); ++n) {
    poster_(n, [this, n, &wound_down] {
      shards_[n]->wind_down();
      wound_down.count_down();
    });
  }
  wound_down.wait();
  store_.flush();
}

}  // namespace rogerthat::hub
