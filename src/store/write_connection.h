// The one connection that writes. Every statement that changes the database, one
// function each. When to run them, and what to do when they fail, is the committer's business.
#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "store/database.h"
#include "store/forget_queue.h"
#include "store/held_database.h"
#include "store/store.h"

namespace rogerthat::store {

class WriteConnection {
 public:
  // Brings the tables of an older version up to date. Never makes a database: one that went missing
  // while the process lives must not be replaced by an empty one.
  static Result<std::unique_ptr<WriteConnection>> open(const HeldDatabase& held);
  WriteConnection(const WriteConnection&) = delete;
  WriteConnection& operator=(const WriteConnection&) = delete;

  // --- One transaction. After any error: rollback().
  Result<void> begin();
  Result<void> commit();
  void rollback();

  Result<void> put(const core::ChannelRecord& record);
  Result<void> delete_channel(core::ChannelNo channel);  // its directory row only
  Result<void> change(const RecordChange& change);
  Result<void> put(const JournalRow& row);
  Result<void> put(const TranscriptRow& row);
  Result<void> add(const LifetimeCounters& counters);
  Result<void> raise_id_ceiling(core::MessageId ceiling);
  Result<void> raise_last_channel(core::ChannelNo channel);

  // Each transaction leaves its number, so that after a failed COMMIT one can ask whether it took
  // place all the same.
  Result<void> put_commit_number(std::int64_t number);
  Result<std::int64_t> commit_number();

  Result<void> forget(SeqRun run);
  // The oldest lines of a transcript, at most `lines` of them; returns how many there were.
  Result<int> drop_transcript(core::ChannelNo channel, int lines);
  // The same until about `bytes` are freed; returns what was freed.
  Result<std::uint64_t> trim_transcript(core::ChannelNo channel, std::uint64_t bytes, int lines);

  // The number of the line that was written last.
  std::int64_t last_line() const { return last_line_; }

  // --- Outside transactions.
  Result<std::int64_t> pages();
  Result<std::int64_t> free_pages();
  Result<void> release_pages(int pages);  // gives free pages back to the file system
  // Moves the log into the database, as far as no reader is in the way; `truncate`: and empties it.
  // False: not all of it.
  bool checkpoint(bool truncate);
  std::int64_t log_pages() const { return log_pages_; }  // as of the latest commit
  Database& database() { return database_; }

 private:
  WriteConnection(const HeldDatabase& held, Database database)
      : held_(held), database_(std::move(database)) {}
  Result<void> prepare();
  static int on_commit(void* self, sqlite3*, const char*, int log_pages);

  const HeldDatabase& held_;
  Database database_;
  std::int64_t log_pages_ = 0;
  std::int64_t last_line_ = 0;
  Statement begin_, commit_, put_channel_, delete_channel_, put_record_, delete_record_,
      put_journal_, put_transcript_, add_number_, raise_number_, put_number_, number_, forget_one_,
      forget_run_, drop_transcript_, oldest_transcript_, trim_transcript_, free_pages_, pages_;
};

}  // namespace rogerthat::store
