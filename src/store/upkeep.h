// What the committing thread does besides commits: deletions, giving pages back, and its part of
// checkpoints. When each of them is due. All is called on the committing thread.
//
// Content that was forgotten is overwritten in the database at once (secure_delete), and leaves the
// log with the next checkpoint that empties it: after half a second without commits, or every ten.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "store/cleaner.h"
#include "store/housekeeper.h"
#include "store/store.h"
#include "store/write_connection.h"

namespace rogerthat::store {

class Upkeep {
 public:
  using Clock = std::chrono::steady_clock;

  Upkeep(Cleaner cleaner, Housekeeper& housekeeper);

  // --- What there is to do.
  void forget(std::span<const Seq> seqs) { cleaner_.forget(seqs); }
  void channel_deleted(core::ChannelNo channel);
  void drop_transcript(core::ChannelNo channel) { cleaner_.drop_transcript(channel); }
  void transcript_added(const TranscriptRow& row);
  void measure_transcripts(const WriteConnection& connection);  // after all of a transaction's
  void transcript_measured(core::ChannelNo channel, std::optional<std::uint64_t> bytes) {
    cleaner_.bound().measured(channel, bytes);
  }
  void checkpoint_ready() { checkpoint_ready_ = true; }

  // --- Within a transaction of the committer that has taken `spent` so far.
  Result<void> ride(WriteConnection& connection, Clock::duration spent);
  void committed(WriteConnection& connection);
  void rolled_back() { cleaner_.undo(); }

  // --- Between transactions.
  // Commits come faster than the disk takes checkpoints: they have to pause for this one.
  bool log_too_long(const WriteConnection& connection) const;
  // When the next piece of work is due, if no commit comes; max(): never.
  Clock::time_point next(Clock::time_point idle_since) const;
  Result<void> work(WriteConnection& connection, Clock::time_point idle_since);
  // The rest of a checkpoint; also while commits are waiting, or the log would never start afresh.
  void finish_checkpoint_if_ready(WriteConnection& connection, Clock::time_point idle_since);
  // All there is, with the log emptied, as far as it can be done until the deadline.
  Result<void> finish(WriteConnection& connection, Clock::time_point deadline);

  std::uint64_t forgotten() const { return forgotten_; }  // journal rows, so far

 private:
  Result<void> clean(WriteConnection& connection, Clock::duration budget);
  Result<void> release_pages(WriteConnection& connection);
  void finish_checkpoint(WriteConnection& connection, bool truncate);
  void ask_for_checkpoint();

  Cleaner cleaner_;
  Housekeeper& housekeeper_;
  std::vector<core::ChannelNo> to_measure_;
  std::uint64_t forgotten_ = 0;
  bool release_ = true;            // there may be free pages to give back
  bool log_dirty_ = true;          // the log may hold something
  bool checkpointing_ = false;     // the housekeeper is at it
  bool checkpoint_ready_ = false;  // ... and has left the rest to us
  Clock::time_point last_clean_;
  Clock::time_point last_checkpoint_;
  Clock::time_point last_truncate_;
};

}  // namespace rogerthat::store
