// The committing thread: takes what was appended, writes it as large transactions, says what is
// durable, and rides out a disk that refuses. The queue, the order of things and the
// retries. What a transaction consists of is in batch_writer.h; deletions and checkpoints in
// upkeep.h.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "store/batch_writer.h"
#include "store/latency_histogram.h"
#include "store/store.h"
#include "store/upkeep.h"
#include "store/write_connection.h"

namespace rogerthat::store {

class Committer {
 public:
  // `held`: the database, to connect to it again after an error. Fails where it cannot be read.
  static Result<std::unique_ptr<Committer>> make(const HeldDatabase& held,
                                                 std::unique_ptr<WriteConnection> connection,
                                                 Upkeep upkeep);
  ~Committer();  // writes what is queued, unless the disk refuses

  void start(Listener& listener);

  // Any thread.
  void append(Batch batch);
  void flush();
  Result<void> probe();
  void settle();  // flush, then all upkeep without waiting for idle times
  void fill(StoreStats& stats);

  // From the housekeeper.
  void checkpoint_ready();
  void forget(std::vector<Seq> seqs);
  void drop_transcripts(std::vector<core::ChannelNo> channels);
  void transcript_measured(core::ChannelNo channel, std::optional<std::uint64_t> bytes);

 private:
  using Clock = std::chrono::steady_clock;

  struct Measured {
    core::ChannelNo channel;
    std::optional<std::uint64_t> bytes;
  };
  // What other threads leave for the committing one.
  struct Inbox {
    bool arrived = false;  // anything since it was emptied
    bool checkpoint_ready = false;
    std::vector<QueuedBatch> batches;
    std::vector<Seq> forget;
    std::vector<core::ChannelNo> drop_transcripts;
    std::vector<Measured> measured;
  };

  Committer(const HeldDatabase& held, std::unique_ptr<WriteConnection> connection, Upkeep upkeep,
            std::int64_t commit_number);
  void arrived(std::unique_lock<std::mutex>& lock);  // unlocks it

  // --- The thread.
  void run();
  bool take_inbox();  // sleeps until there is something to do; false: the end
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void work();
  Result<void> commit();
  Result<void> write(std::size_t count);
  void committed(std::size_t count, Clock::duration took);
  void answer(std::size_t count);
  void failed(const Error& error);
  Result<void> reopen();
  void recovered_if_written();
  void shut_down();

  const HeldDatabase& held_;
  Listener* listener_ = nullptr;
  std::thread thread_;

  // Of the thread.
  std::unique_ptr<WriteConnection> connection_;  // null: to be opened again
  Upkeep upkeep_;
  Inbox taken_;
  std::deque<QueuedBatch> pending_;
  BatchWriter writer_;
  std::vector<std::pair<std::uint32_t, Ticket>> answers_;
  std::int64_t commit_number_;            // of the latest commit that took place
  std::optional<std::size_t> uncertain_;  // batches of a COMMIT that failed: it may have worked
  std::uint64_t probe_ = 0;               // the latest that was asked for
  std::uint64_t probe_done_ = 0;
  std::uint64_t settle_ = 0;
  std::uint64_t settle_done_ = 0;
  bool refused_ = false;  // by the disk, since the queue was last written
  bool stop_ = false;
  Clock::time_point idle_since_;
  Clock::time_point retry_at_;

  // Of everybody.
  std::mutex mutex_;
  std::condition_variable wake_;     // for the thread
  std::condition_variable changed_;  // for flush, probe and settle
  Inbox inbox_;
  bool sleeping_ = false;
  bool stopping_ = false;
  bool failing_ = false;
  std::string reason_;  // why it is failing
  std::uint64_t probes_ = 0, probes_answered_ = 0;
  std::uint64_t settles_ = 0, settles_answered_ = 0;
  std::uint64_t queued_batches_ = 0, queued_bytes_ = 0;
  std::uint64_t commits_ = 0, rows_ = 0, forgotten_ = 0, failures_ = 0;
  LatencyHistogram latency_;
};

}  // namespace rogerthat::store
