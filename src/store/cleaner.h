// Deleting what nothing needs any more, in slices small enough not to show in commit latency.
// What waits to be deleted and in which order. Runs on the committing thread, inside
// its transactions; confirm() or undo() follows each.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "base/error.h"
#include "store/forget_queue.h"
#include "store/transcript_bound.h"
#include "store/write_connection.h"

namespace rogerthat::store {

class Cleaner {
 public:
  using Clock = std::chrono::steady_clock;

  Cleaner(std::uint64_t transcript_bytes_max, std::uint64_t stored)
      : bound_(transcript_bytes_max, stored) {}

  void forget(std::span<const Seq> seqs) { forget_.add(seqs); }
  void drop_transcript(core::ChannelNo channel);
  TranscriptBound& bound() { return bound_; }

  bool has_work() const { return backlog() > 0 || !dropped_.empty() || bound_.any_excess(); }
  std::size_t backlog() const { return forget_.size(); }  // journal rows

  // Deletes until the deadline, at least a little.
  Result<void> slice(WriteConnection& connection, Clock::time_point deadline);
  std::size_t confirm();  // the transaction is durable; returns the journal rows it deleted
  void undo();

 private:
  struct Freed {
    core::ChannelNo channel;
    std::uint64_t bytes;
  };
  Result<bool> step(WriteConnection& connection);  // false: nothing is left to do

  ForgetQueue forget_;
  TranscriptBound bound_;
  std::deque<core::ChannelNo> dropped_;
  std::size_t dropped_done_ = 0;  // in this transaction, from the front
  std::size_t forgotten_ = 0;     // in this transaction
  std::vector<Freed> freed_;      // in this transaction
};

}  // namespace rogerthat::store
