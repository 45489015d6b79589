#include "store/committer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace rogerthat::store {

namespace {

using namespace std::chrono_literals;

constexpr auto kRetryInterval = 250ms;
constexpr auto kCheckpointTime = 1s;  // longer than one takes; not for ever, should it fail
constexpr auto kProbeTime = 5s;
constexpr auto kLongestSleep = 1h;  // the clock's far end is beyond what a wait can be told
constexpr auto kSettleTime = 60s;
constexpr auto kShutdownTime = 5s;

}  // namespace

Result<std::unique_ptr<Committer>> Committer::make(const HeldDatabase& held,
                                                   std::unique_ptr<WriteConnection> connection,
                                                   Upkeep upkeep) {
  const auto number = connection->commit_number();
  if (!number) return std::unexpected(number.error());
  return std::unique_ptr<Committer>(
      new Committer(held, std::move(connection), std::move(upkeep), *number));
}

Committer::Committer(const HeldDatabase& held, std::unique_ptr<WriteConnection> connection,
                     Upkeep upkeep, std::int64_t commit_number)
    : held_(held),
      connection_(std::move(connection)),
      upkeep_(std::move(upkeep)),
      commit_number_(commit_number),
      idle_since_(Clock::now()),
      retry_at_(idle_since_) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Committer::start(Listener& listener) {
  listener_ = &listener;
  thread_ = std::thread([this] { run(); });
}

// --- Any thread.

// The thread is woken without the lock, which is the first thing that it needs.
void Committer::arrived(std::unique_lock<std::mutex>& lock) {
  inbox_.arrived = true;
  const bool wake = sleeping_;
  lock.unlock();
  if (wake) wake_.notify_one();
}

void Committer::append(Batch batch) {
  QueuedBatch queued(std::move(batch));
  std::unique_lock lock(mutex_);
  ++queued_batches_;
  queued_bytes_ += queued.bytes;
  inbox_.batches.push_back(std::move(queued));
  arrived(lock);
}

void Committer::flush() {
  std::unique_lock lock(mutex_);
  if (listener_ == nullptr) return;
  changed_.wait(lock, [&] { return queued_batches_ == 0 || failing_; });
}

Result<void> Committer::probe() {
  std::unique_lock lock(mutex_);
  if (listener_ == nullptr) return fail(ErrorCode::unavailable, "the store is not started");
  const std::uint64_t mine = ++probes_;
  arrived(lock);
  lock.lock();
  const bool answered =
      changed_.wait_for(lock, kProbeTime, [&] { return probes_answered_ >= mine || failing_; });
  if (failing_) return fail(ErrorCode::unavailable, reason_);
  if (!answered) return fail(ErrorCode::unavailable, "the disk takes longer than 5 s for a write");
  return {};
}

void Committer::settle() {
  std::unique_lock lock(mutex_);
  if (listener_ == nullptr) return;
  const std::uint64_t mine = ++settles_;
  arrived(lock);
  lock.lock();
  changed_.wait(lock, [&] { return settles_answered_ >= mine || failing_; });
}

void Committer::checkpoint_ready() {
  std::unique_lock lock(mutex_);
  inbox_.checkpoint_ready = true;
  arrived(lock);
}

void Committer::forget(std::vector<Seq> seqs) {
  std::unique_lock lock(mutex_);
  inbox_.forget.insert(inbox_.forget.end(), seqs.begin(), seqs.end());
  arrived(lock);
}

void Committer::drop_transcripts(std::vector<core::ChannelNo> channels) {
  std::unique_lock lock(mutex_);
  auto& drops = inbox_.drop_transcripts;
  drops.insert(drops.end(), channels.begin(), channels.end());
  arrived(lock);
}

void Committer::transcript_measured(core::ChannelNo channel, std::optional<std::uint64_t> bytes) {
  std::unique_lock lock(mutex_);
  inbox_.measured.push_back({channel, bytes});
  arrived(lock);
}

void Committer::fill(StoreStats& stats) {
  const std::lock_guard lock(mutex_);
  stats.commits = commits_;
  stats.rows = rows_;
  stats.forgotten = forgotten_;
  stats.failures = failures_;
  stats.queued_batches = queued_batches_;
  stats.queued_bytes = queued_bytes_;
  stats.commit_latency_us = latency_.buckets();
  stats.commit_latency_sum_us = latency_.sum();
}

// --- The thread.

void Committer::run() {
  while (take_inbox()) work();
  shut_down();
}

void Committer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  sleeping_ = true;
  if (refused_) {
    wake_.wait_until(lock, retry_at_, [&] { return stopping_; });
  } else if (upkeep_.log_too_long(*connection_)) {
    wake_.wait_for(lock, kCheckpointTime, [&] { return inbox_.checkpoint_ready || stopping_; });
  } else if (pending_.empty()) {
    const auto until = std::min(upkeep_.next(idle_since_), Clock::now() + kLongestSleep);
    wake_.wait_until(lock, until, [&] { return inbox_.arrived || stopping_; });
  }
  sleeping_ = false;
}

bool Committer::take_inbox() {
  {
    std::unique_lock lock(mutex_);
    wait_for_work(lock);
    std::swap(taken_, inbox_);
    probe_ = probes_;
    settle_ = settles_;
    // A disk that refuses is asked once more before what is queued is given up.
    if (stopping_ && (stop_ || !refused_) && pending_.empty() && taken_.batches.empty()) {
      return false;
    }
    if (stop_ && refused_) return false;
    stop_ = stopping_;
  }
  for (QueuedBatch& each : taken_.batches) pending_.push_back(std::move(each));
  upkeep_.forget(taken_.forget);
  for (const core::ChannelNo channel : taken_.drop_transcripts) upkeep_.drop_transcript(channel);
  for (const Measured& each : taken_.measured) {
    upkeep_.transcript_measured(each.channel, each.bytes);
  }
  if (taken_.checkpoint_ready) upkeep_.checkpoint_ready();
  taken_.arrived = taken_.checkpoint_ready = false;
  taken_.batches.clear();
  taken_.forget.clear();
  taken_.drop_transcripts.clear();
  taken_.measured.clear();
  return true;
}

void Committer::work() {
  Result<void> done;
  if (!connection_) done = reopen();
  if (done) upkeep_.finish_checkpoint_if_ready(*connection_, idle_since_);
  if (done && (refused_ || !pending_.empty() || probe_ != probe_done_)) {
    done = commit();
  } else if (done && settle_ != settle_done_) {
    done = upkeep_.finish(*connection_, Clock::now() + kSettleTime);
    if (done) {
      settle_done_ = settle_;
      const std::lock_guard lock(mutex_);
      settles_answered_ = settle_done_;
      forgotten_ = upkeep_.forgotten();
      changed_.notify_all();
    }
  } else if (done) {
    done = upkeep_.work(*connection_, idle_since_);
    const std::lock_guard lock(mutex_);
    forgotten_ = upkeep_.forgotten();
  }
  if (!done) failed(done.error());
}

Result<void> Committer::commit() {
  const auto began = Clock::now();
  if (uncertain_) {
    const auto number = connection_->commit_number();
    if (!number) return std::unexpected(number.error());
    const bool took_place = *number > commit_number_;
    // It is in the log, but its sync had failed: only what is in the database is known to be safe.
    if (took_place && !connection_->checkpoint(true)) {
      return fail(ErrorCode::unavailable, "the log of the database cannot be emptied");
    }
    const std::size_t count = *uncertain_;
    uncertain_.reset();
    if (took_place) {
      committed(count, Clock::now() - began);
      return {};
    }
  }
  const std::size_t count = BatchWriter::choose(pending_, refused_);
  if (auto done = write(count); !done) return done;
  committed(count, Clock::now() - began);
  return {};
}

Result<void> Committer::write(std::size_t count) {
  const auto began = Clock::now();
  WriteConnection& to = *connection_;
  if (auto done = to.begin(); !done) return done;
  if (auto done = writer_.write(to, pending_, count); !done) return done;
  if (auto done = to.put_commit_number(commit_number_ + 1); !done) return done;
  // A disk that has just refused gets what was promised first.
  if (!refused_) {
    if (auto done = upkeep_.ride(to, Clock::now() - began); !done) return done;
  }
  uncertain_ = count;
  if (auto done = to.commit(); !done) return done;
  uncertain_.reset();
  return {};
}

void Committer::committed(std::size_t count, Clock::duration took) {
  ++commit_number_;
  upkeep_.committed(*connection_);
  answer(count);

  std::size_t rows = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const QueuedBatch& done = pending_.front();
    rows += done.rows;
    bytes += done.bytes;
    upkeep_.forget(done.batch.forget);
    for (const core::ChannelNo channel : done.batch.delete_channels) {
      upkeep_.channel_deleted(channel);
    }
    for (const TranscriptRow& row : done.batch.transcript) upkeep_.transcript_added(row);
    pending_.pop_front();
  }
  upkeep_.measure_transcripts(*connection_);
  idle_since_ = Clock::now();
  retry_at_ = idle_since_;
  probe_done_ = probe_;
  {
    const std::lock_guard lock(mutex_);
    ++commits_;
    rows_ += rows;
    forgotten_ = upkeep_.forgotten();
    queued_batches_ -= count;
    queued_bytes_ -= bytes;
    probes_answered_ = probe_done_;
    latency_.add(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    changed_.notify_all();
  }
  if (refused_) recovered_if_written();
}

// The latest ticket of each shard says it for all before.
void Committer::answer(std::size_t count) {
  answers_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const Batch& batch = pending_[i].batch;
    const auto known =
        std::ranges::find(answers_, batch.shard, &decltype(answers_)::value_type::first);
    if (known == answers_.end()) {
      answers_.emplace_back(batch.shard, batch.ticket);
    } else {
      known->second = batch.ticket;
    }
  }
  for (const auto& [shard, ticket] : answers_) listener_->committed(shard, ticket);
}

// --- When the disk refuses.

void Committer::failed(const Error& error) {
  // Whatever the connection knows of the files may be wrong now; a fresh one reads them again.
  if (connection_) connection_->rollback();
  connection_.reset();
  upkeep_.rolled_back();
  retry_at_ = Clock::now() + kRetryInterval;
  if (!std::exchange(refused_, true)) {
    log(LogLevel::error, "store failing", {{"reason", error.message}, {"detail", error.hint}});
    listener_->failing(error.message);
  }
  // After the listener was told: who is let go by this may go on where the listener left off.
  const std::lock_guard lock(mutex_);
  ++failures_;
  failing_ = true;
  reason_ = error.message;
  changed_.notify_all();
}

Result<void> Committer::reopen() {
  auto made = WriteConnection::open(held_);
  if (!made) return std::unexpected(made.error());
  connection_ = std::move(*made);
  connection_->checkpoint(true);  // on a full disk an emptied log may be the room that is needed
  return {};
}

void Committer::recovered_if_written() {
  {
    const std::lock_guard lock(mutex_);
    if (!pending_.empty() || !inbox_.batches.empty()) return;
    failing_ = false;
  }
  refused_ = false;
  log(LogLevel::info, "store recovered");
  listener_->recovered();
}

void Committer::shut_down() {
  if (refused_) {
    const std::size_t lost = pending_.size() + taken_.batches.size();
    if (lost > 0) {
      log(LogLevel::error, "stopped with batches that the disk refused",
          {{"batches", lost}, {"reason", reason_}});
    }
    return;
  }
  if (auto done = upkeep_.finish(*connection_, Clock::now() + kShutdownTime); !done) {
    log(LogLevel::warning, "upkeep failed at the end", {{"reason", done.error().message}});
  }
}

}  // namespace rogerthat::store
