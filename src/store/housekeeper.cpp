#include "store/housekeeper.h"

#include <limits>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/log.h"
#include "store/transcript_bound.h"

namespace rogerthat::store {

namespace {

using namespace std::chrono_literals;

constexpr auto kSearchDelay = 30s;
constexpr auto kPauseBetweenSlices = 5ms;
constexpr int kRowsPerSlice = 5000;
// What a commit may find left of the log when it finishes a checkpoint: about a megabyte.
constexpr int kLogPagesLeft = 256;

}  // namespace

void Housekeeper::start(Findings findings) {
  findings_ = std::move(findings);
  search_orphans_later();
  thread_ = std::thread([this] { run(); });
}

void Housekeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  searched_.notify_all();
  if (thread_.joinable()) thread_.join();
  database_.reset();
}

void Housekeeper::checkpoint() {
  const std::lock_guard lock(mutex_);
  checkpoint_ = true;
  wake_.notify_all();
}

void Housekeeper::measure(core::ChannelNo channel, std::int64_t last_line) {
  const std::lock_guard lock(mutex_);
  measure_.push_back({channel, last_line});
  wake_.notify_all();
}

void Housekeeper::search_orphans_later() {
  const std::lock_guard lock(mutex_);
  if (search_at_ != Clock::time_point::max()) return;
  search_at_ = Clock::now() + kSearchDelay;
  wake_.notify_all();
}

void Housekeeper::search_orphans() {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return;
  const std::uint64_t mine = ++searches_asked_;
  search_at_ = Clock::now();
  wake_.notify_all();
  searched_.wait(lock, [&] { return stop_ || searches_done_ >= mine; });
}

bool Housekeeper::stopping() {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void Housekeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const bool searching = Clock::now() >= search_at_;
    if (!checkpoint_ && measure_.empty() && !searching) {
      if (search_at_ == Clock::time_point::max()) {
        wake_.wait(lock);
      } else {
        wake_.wait_until(lock, search_at_);
      }
      continue;
    }
    const bool checkpoint = std::exchange(checkpoint_, false);
    const std::vector<Measurement> measure = std::exchange(measure_, {});
    const std::uint64_t searches = searches_asked_;
    if (searching) search_at_ = Clock::time_point::max();
    lock.unlock();

    if (checkpoint) move_log();
    for (const Measurement& each : measure) measure_transcript(each);
    if (searching) find_orphans();

    lock.lock();
    if (searching) {
      searches_done_ = searches;
      searched_.notify_all();
    }
  }
}

bool Housekeeper::open() {
  if (database_) return true;
  auto opened = held_.connect();
  if (!opened) return false;
  // A checkpoint syncs as its own connection says, not as the writing one does.
  if (!opened->run("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                   "PRAGMA cache_size=-1024")) {
    return false;
  }
  database_ = std::make_unique<Database>(std::move(*opened));
  return true;
}

// The log is moved while others commit, so each round finds what came during the one before. Rounds
// go on as long as they get shorter.
void Housekeeper::move_log() {
  int moved_before = 0;
  int pages_before = std::numeric_limits<int>::max();
  while (open()) {
    int in_log = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
    if (code == SQLITE_BUSY) break;  // the committing thread is at it
    if (code != SQLITE_OK) {
      const Error error = database_->error();
      if (!std::exchange(checkpoint_failed_, true)) {
        log(LogLevel::warning, "checkpoint failed",
            {{"reason", error.message}, {"detail", error.hint}});
      }
      database_.reset();
      break;
    }
    checkpoint_failed_ = false;
    const int pages = moved - moved_before;
    if (pages <= kLogPagesLeft || pages > pages_before / 2) break;
    pages_before = pages;
    moved_before = moved;
  }
  findings_.checkpointed();
}

void Housekeeper::measure_transcript(const Measurement& wanted) {
  std::optional<std::uint64_t> size;
  if (open()) {
    const auto sum =
        database_->number(fmt::format("SELECT sum({}) FROM transcript WHERE channel={} AND seq<={}",
                                      kTranscriptWeightSql, wanted.channel, wanted.last_line));
    if (sum) size = static_cast<std::uint64_t>(*sum);
  }
  findings_.transcript_measured(wanted.channel, size);
}

void Housekeeper::find_orphans() {
  if (!open()) return;
  Seq after = -1;
  while (!stopping()) {
    const auto seen = find_orphan_rows(after);
    if (!seen) return database_.reset();
    if (*seen < kRowsPerSlice) break;
    std::this_thread::sleep_for(kPauseBetweenSlices);
  }
  if (!find_orphan_transcripts()) database_.reset();
}

// A channel's record is written before its first row, so within one read a row without a record is
// an orphan.
Result<std::size_t> Housekeeper::find_orphan_rows(Seq& after) {
  auto rows = database_->prepare(
      "SELECT seq, channel NOT IN (SELECT no FROM channels) FROM journal WHERE seq>?1"
      " ORDER BY seq LIMIT ?2");
  if (!rows) return std::unexpected(rows.error());
  std::vector<Seq> orphans;
  std::size_t seen = 0;
  rows->start(after, kRowsPerSlice);
  for (;;) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    ++seen;
    after = rows->number(0);
    if (rows->number(1) != 0) orphans.push_back(after);
  }
  if (!orphans.empty()) findings_.orphan_rows(std::move(orphans));
  return seen;
}

// Jumps from channel to channel along the index instead of reading every line.
Result<void> Housekeeper::find_orphan_transcripts() {
  auto channels = database_->prepare(
      "WITH RECURSIVE having(channel) AS ("
      "  SELECT min(channel) FROM transcript"
      "  UNION ALL"
      "  SELECT (SELECT min(channel) FROM transcript WHERE channel>having.channel) FROM having"
      "  WHERE having.channel IS NOT NULL)"
      " SELECT channel FROM having"
      " WHERE channel IS NOT NULL AND channel NOT IN (SELECT no FROM channels)");
  if (!channels) return std::unexpected(channels.error());
  std::vector<core::ChannelNo> orphans;
  for (;;) {
    const auto row = channels->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    orphans.push_back(channels->number(0));
  }
  if (!orphans.empty()) findings_.orphan_transcripts(std::move(orphans));
  return {};
}

}  // namespace rogerthat::store
