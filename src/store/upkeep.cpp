#include "store/upkeep.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace rogerthat::store {

namespace {

using namespace std::chrono_literals;

// Deletions go well together: a thousand rows that lie side by side dirty few pages. So while
// commits come, they wait for a backlog or for a second, and then ride along.
constexpr std::size_t kBacklogToRide = 4096;
constexpr std::size_t kBacklogLarge = 100'000;
constexpr auto kWaitToRide = 1s;
constexpr auto kRideShort = 1ms;
constexpr auto kRideLong = 50ms;

constexpr auto kIdleToClean = 20ms;
constexpr auto kCleanSlice = 3ms;
constexpr auto kIdleToRelease = 100ms;
constexpr auto kIdleToCheckpoint = 500ms;

constexpr std::int64_t kLogPagesToCheckpoint = (16 << 20) / 4096;
constexpr std::int64_t kLogPagesMax = (64 << 20) / 4096;
constexpr auto kCheckpointPause = 250ms;  // where a reader keeps the log from starting afresh
constexpr auto kTruncateInterval = 10s;

// Some free pages stay, for the next messages would only ask for them again.
constexpr int kPagesPerSlice = 128;
constexpr std::int64_t kFreePagesKept = 256;
constexpr std::int64_t kFreeShareKept = 8;

}  // namespace

Upkeep::Upkeep(Cleaner cleaner, Housekeeper& housekeeper)
    : cleaner_(std::move(cleaner)),
      housekeeper_(housekeeper),
      last_clean_(Clock::now()),
      last_checkpoint_(last_clean_),
      last_truncate_(last_clean_) {}

void Upkeep::channel_deleted(core::ChannelNo channel) {
  cleaner_.drop_transcript(channel);
  housekeeper_.search_orphans_later();  // journal rows that its shard did not name
}

void Upkeep::transcript_added(const TranscriptRow& row) {
  if (cleaner_.bound().added(row.channel, transcript_weight(row.entry))) {
    to_measure_.push_back(row.channel);
  }
}

void Upkeep::measure_transcripts(const WriteConnection& connection) {
  for (const core::ChannelNo channel : to_measure_) {
    cleaner_.bound().measuring(channel);
    housekeeper_.measure(channel, connection.last_line());
  }
  to_measure_.clear();
}

Result<void> Upkeep::ride(WriteConnection& connection, Clock::duration spent) {
  if (!cleaner_.has_work()) return {};
  const auto now = Clock::now();
  if (cleaner_.backlog() < kBacklogToRide && now - last_clean_ < kWaitToRide) return {};
  last_clean_ = now;
  release_ = true;
  const bool large = cleaner_.backlog() >= kBacklogLarge;
  const Clock::duration budget =
      std::clamp<Clock::duration>(large ? spent : spent / 2, kRideShort, kRideLong);
  return cleaner_.slice(connection, now + budget);
}

void Upkeep::committed(WriteConnection& connection) {
  forgotten_ += cleaner_.confirm();
  log_dirty_ = true;
  if (checkpointing_) return;
  const auto since = Clock::now() - last_checkpoint_;
  const bool large = connection.log_pages() >= kLogPagesToCheckpoint;
  if ((large && since >= kCheckpointPause) || since >= kTruncateInterval) ask_for_checkpoint();
}

void Upkeep::ask_for_checkpoint() {
  checkpointing_ = true;
  housekeeper_.checkpoint();
}

bool Upkeep::log_too_long(const WriteConnection& connection) const {
  return checkpointing_ && !checkpoint_ready_ && connection.log_pages() >= kLogPagesMax;
}

Upkeep::Clock::time_point Upkeep::next(Clock::time_point idle_since) const {
  if (checkpoint_ready_) return idle_since;
  if (cleaner_.has_work()) return idle_since + kIdleToClean;
  if (release_) return idle_since + kIdleToRelease;
  if (log_dirty_ && !checkpointing_) {
    return std::max(idle_since, last_checkpoint_) + kIdleToCheckpoint;
  }
  return Clock::time_point::max();
}

Result<void> Upkeep::work(WriteConnection& connection, Clock::time_point idle_since) {
  if (Clock::now() < next(idle_since)) return {};
  if (cleaner_.has_work()) return clean(connection, kCleanSlice);
  if (release_) return release_pages(connection);
  if (log_dirty_ && !checkpointing_) ask_for_checkpoint();
  return {};
}

void Upkeep::finish_checkpoint_if_ready(WriteConnection& connection, Clock::time_point idle_since) {
  if (!checkpoint_ready_) return;
  const auto now = Clock::now();
  finish_checkpoint(connection,
                    now - idle_since >= kIdleToClean || now - last_truncate_ >= kTruncateInterval);
}

Result<void> Upkeep::clean(WriteConnection& connection, Clock::duration budget) {
  last_clean_ = Clock::now();
  release_ = true;
  if (auto done = connection.begin(); !done) return done;
  if (auto done = cleaner_.slice(connection, last_clean_ + budget); !done) return done;
  if (auto done = connection.commit(); !done) return done;
  committed(connection);
  return {};
}

Result<void> Upkeep::release_pages(WriteConnection& connection) {
  const auto free = connection.free_pages();
  if (!free) return std::unexpected(free.error());
  const auto pages = connection.pages();
  if (!pages) return std::unexpected(pages.error());
  const std::int64_t spare = *free - std::max(kFreePagesKept, *pages / kFreeShareKept);
  release_ = spare > kPagesPerSlice;
  if (spare <= 0) return {};
  if (auto done = connection.release_pages(kPagesPerSlice); !done) return done;
  committed(connection);
  return {};
}

void Upkeep::finish_checkpoint(WriteConnection& connection, bool truncate) {
  connection.checkpoint(truncate);
  checkpoint_ready_ = checkpointing_ = false;
  last_checkpoint_ = Clock::now();
  if (truncate) {
    last_truncate_ = last_checkpoint_;
    log_dirty_ = connection.log_pages() > 0;
  }
}

Result<void> Upkeep::finish(WriteConnection& connection, Clock::time_point deadline) {
  while (cleaner_.has_work() && Clock::now() < deadline) {
    if (auto done = clean(connection, kRideLong); !done) return done;
  }
  for (release_ = true; release_ && Clock::now() < deadline;) {
    if (auto done = release_pages(connection); !done) return done;
  }
  // The housekeeper or a reader may hold the log for a moment.
  for (log_dirty_ = true; log_dirty_ && Clock::now() < deadline;) {
    finish_checkpoint(connection, true);
    if (log_dirty_) std::this_thread::sleep_for(2ms);
  }
  return {};
}

}  // namespace rogerthat::store
