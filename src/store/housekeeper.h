// The thread for what takes long and commits nothing: checkpoints, the search for rows that belong
// to no channel, the measuring of transcripts. A connection of its own and a short list
// of jobs. It never deletes: what it finds it hands to the committer.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/error.h"
#include "store/held_database.h"
#include "store/store.h"

namespace rogerthat::store {

// Called from the housekeeper's thread.
struct Findings {
  std::function<void()> checkpointed;  // nearly all of the log is in the database
  std::function<void(std::vector<Seq>)> orphan_rows;
  std::function<void(std::vector<core::ChannelNo>)> orphan_transcripts;
  // nullopt: it could not be read.
  std::function<void(core::ChannelNo, std::optional<std::uint64_t>)> transcript_measured;
};

class Housekeeper {
 public:
  explicit Housekeeper(const HeldDatabase& held) : held_(held) {}
  ~Housekeeper() { stop(); }

  void start(Findings findings);
  void stop();

  // Any thread; each returns at once.
  void checkpoint();
  void measure(core::ChannelNo channel, std::int64_t last_line);  // up to that line
  void search_orphans_later();                                    // within a minute

  // Searches now and returns when all that was found has been handed over.
  void search_orphans();

 private:
  using Clock = std::chrono::steady_clock;

  struct Measurement {
    core::ChannelNo channel;
    std::int64_t last_line;
  };

  void run();
  bool open();
  void move_log();
  void find_orphans();
  void measure_transcript(const Measurement& wanted);
  Result<std::size_t> find_orphan_rows(Seq& after);
  Result<void> find_orphan_transcripts();
  bool stopping();

  const HeldDatabase& held_;
  Findings findings_;
  std::thread thread_;
  // Of the thread.
  std::unique_ptr<Database> database_;
  bool checkpoint_failed_ = false;  // and that has been said

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable searched_;
  bool stop_ = false;
  bool checkpoint_ = false;
  std::vector<Measurement> measure_;
  Clock::time_point search_at_ = Clock::time_point::max();
  std::uint64_t searches_asked_ = 0;
  std::uint64_t searches_done_ = 0;
};

}  // namespace rogerthat::store
