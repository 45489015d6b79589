#include "store/sqlite_store.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "store/committer.h"
#include "store/file.h"
#include "store/housekeeper.h"
#include "store/new_database.h"
#include "store/recovery.h"
#include "store/transcript_reader.h"

namespace rogerthat::store {

namespace {

std::string key_mark(const Digest& key) {
  const std::string_view secret(reinterpret_cast<const char*>(key.data()), key.size());
  const Digest mark = hmac_sha256(secret, "this database belongs to this key");
  return hex({reinterpret_cast<const char*>(mark.data()), mark.size()});
}

// Under another key no session id could be read again, so every session would be lost in silence.
Result<void> check_key(Database& database, const std::string& mark, const std::string& dir) {
  auto stored = database.prepare("SELECT value FROM meta WHERE key='key_mark'");
  if (!stored) return std::unexpected(stored.error());
  const auto row = stored->next();
  if (!row) return std::unexpected(row.error());
  if (*row && equal_constant_time(stored->text(0), mark)) return {};
  return fail(ErrorCode::conflict,
              fmt::format("the database in {} was written under another key file", dir),
              "put the key file back that belongs to it, or start with an empty data directory");
}

Error about_database(const std::string& path, Error error) {
  if (error.code != ErrorCode::unavailable) return error;  // a sentence of its own
  error.message = fmt::format("the database {} cannot be used: {}", path, error.message);
  return error;
}

}  // namespace

SqliteStore::SqliteStore(const SqliteOptions& options)
    : held_(options.dir + "/" + kDatabaseFileName),
      codec_(options.key),
      housekeeper_(std::make_unique<Housekeeper>(held_)),
      transcripts_(std::make_unique<TranscriptReader>(held_)) {}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const SqliteOptions& options) {
  std::unique_ptr<SqliteStore> store(new SqliteStore(options));
  const std::string& path = store->held_.path();
  const std::string mark = key_mark(options.key);
  if (auto done = make_database(path, mark); !done) {
    return std::unexpected(about_database(path, done.error()));
  }
  if (auto taken = store->held_.take(); !taken) return std::unexpected(taken.error());
  auto connection = WriteConnection::open(store->held_);
  if (!connection) return std::unexpected(about_database(path, connection.error()));
  if (auto done = check_key((*connection)->database(), mark, options.dir); !done) {
    return std::unexpected(about_database(path, done.error()));
  }
  Upkeep upkeep(Cleaner(options.transcript_bytes_max, store->stats().disk_bytes),
                *store->housekeeper_);
  auto committer = Committer::make(store->held_, std::move(*connection), std::move(upkeep));
  if (!committer) return std::unexpected(about_database(path, committer.error()));
  store->committer_ = std::move(*committer);
  return store;
}

SqliteStore::~SqliteStore() {
  // The committer's connection is closed last: it takes the log with it.
  housekeeper_->stop();
  transcripts_->close();
  committer_.reset();
}

Result<void> SqliteStore::load(Recovery& recovery) {
  auto database = held_.connect();
  if (!database) return std::unexpected(about_database(held_.path(), database.error()));
  const auto report = recover(*database, codec_, recovery);
  if (!report) return std::unexpected(about_database(held_.path(), report.error()));
  log(report->damaged_rows > 0 ? LogLevel::error : LogLevel::info, "store loaded",
      {{"channels", report->channels},
       {"journal_rows", report->journal_rows},
       {"damaged_rows", report->damaged_rows},
       {"orphan_rows", report->orphan_rows}});
  return {};
}

void SqliteStore::start(Listener& listener) {
  committer_->start(listener);
  Committer& committer = *committer_;
  housekeeper_->start(Findings{
      .checkpointed = [&committer] { committer.checkpoint_ready(); },
      .orphan_rows = [&committer](std::vector<Seq> rows) { committer.forget(std::move(rows)); },
      .orphan_transcripts =
          [&committer](std::vector<core::ChannelNo> channels) {
            committer.drop_transcripts(std::move(channels));
          },
      .transcript_measured =
          [&committer](core::ChannelNo channel, std::optional<std::uint64_t> bytes) {
            committer.transcript_measured(channel, bytes);
          },
  });
}

void SqliteStore::append(Batch batch) {
  committer_->append(std::move(batch));
}

void SqliteStore::flush() {
  committer_->flush();
}

Result<std::vector<core::TranscriptEntry>> SqliteStore::transcript(core::ChannelNo channel,
                                                                   std::size_t limit) {
  auto entries = transcripts_->newest(channel, limit);
  if (!entries) return std::unexpected(about_database(held_.path(), entries.error()));
  return entries;
}

Result<void> SqliteStore::probe() {
  return committer_->probe();
}

StoreStats SqliteStore::stats() {
  StoreStats stats;
  if (committer_) committer_->fill(stats);
  stats.disk_bytes = file_size(held_.path()) + file_size(held_.path() + "-wal");
  return stats;
}

void SqliteStore::settle() {
  committer_->flush();
  housekeeper_->search_orphans();
  committer_->settle();
}

}  // namespace rogerthat::store
