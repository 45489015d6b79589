// The store on SQLite: one database file in the data directory. Putting its parts
// together. The committing thread is in committer.h, the helping one in housekeeper.h, the tables
// in schema.h.
#pragma once

#include <memory>
#include <string>

#include "base/crypto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/codec.h"
#include "store/held_database.h"
#include "store/store.h"

namespace rogerthat::store {

class Committer;
class Housekeeper;
class TranscriptReader;

inline constexpr const char* kDatabaseFileName = "rogerthat.db";

struct SqliteOptions {
  std::string dir;  // an existing data directory, held by this process (data_dir.h)
  Digest key{};     // of that directory (key_file.h)
  std::uint64_t transcript_bytes_max = 1 << 30;  // per channel
};

class SqliteStore final : public Store {
 public:
  // Fails, with a remedy, where the database is damaged, newer than this program, or was written
  // under another key.
  static Result<std::unique_ptr<SqliteStore>> open(const SqliteOptions& options);
  ~SqliteStore() override;  // writes what is queued, then leaves a database without a log

  Result<void> load(Recovery& recovery) override;
  void start(Listener& listener) override;
  void append(Batch batch) override;
  void flush() override;
  Result<std::vector<core::TranscriptEntry>> transcript(core::ChannelNo channel,
                                                        std::size_t limit) override;
  Result<void> probe() override;
  StoreStats stats() override;

  // Waits until all that was appended is written, all that may be deleted is deleted and the log is
  // empty, or the store is failing. Before copying the files, for example.
  void settle();

 private:
  explicit SqliteStore(const SqliteOptions& options);

  HeldDatabase held_;  // goes last: every connection is to it
  const EventCodec codec_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<TranscriptReader> transcripts_;
};

}  // namespace rogerthat::store
