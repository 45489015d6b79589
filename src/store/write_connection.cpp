#include "store/write_connection.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/channel_row.h"
#include "store/schema.h"
#include "store/transcript_bound.h"

namespace rogerthat::store {

namespace {

// secure_delete: what is forgotten is overwritten. Checkpoints are made by the housekeeper, never
// inside a commit. The log mode is kept in the file; it is set for one that came from elsewhere.
constexpr const char* kPragmas =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA secure_delete=ON;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA cache_size=-1024;"
    "PRAGMA temp_store=MEMORY";

}  // namespace

Result<std::unique_ptr<WriteConnection>> WriteConnection::open(const HeldDatabase& held) {
  auto database = held.connect();
  if (!database) return std::unexpected(database.error());
  if (auto set = database->run(kPragmas); !set) return std::unexpected(set.error());
  if (auto done = migrate(*database); !done) return std::unexpected(done.error());
  std::unique_ptr<WriteConnection> connection(new WriteConnection(held, std::move(*database)));
  if (auto done = connection->prepare(); !done) return std::unexpected(done.error());
  const auto last_line = connection->database_.number("SELECT max(seq) FROM transcript");
  if (!last_line) return std::unexpected(last_line.error());
  connection->last_line_ = *last_line;
  sqlite3_wal_hook(connection->database_.handle(), &WriteConnection::on_commit, connection.get());
  return connection;
}

Result<void> WriteConnection::prepare() {
  const std::string oldest =
      fmt::format("SELECT seq, {} FROM transcript WHERE channel=?1 ORDER BY seq LIMIT ?2",
                  kTranscriptWeightSql);
  struct Prepared {
    Statement* statement;
    std::string_view sql;
  };
  const std::array all = {
      Prepared{&begin_, "BEGIN IMMEDIATE"},
      Prepared{&commit_, "COMMIT"},
      Prepared{&put_channel_, kPutChannelSql},
      Prepared{&delete_channel_, "DELETE FROM channels WHERE no=?1"},
      Prepared{&put_record_,
               "INSERT INTO records(kind, key, data) VALUES(?1,?2,?3)"
               " ON CONFLICT(kind, key) DO UPDATE SET data=?3"},
      Prepared{&delete_record_, "DELETE FROM records WHERE kind=?1 AND key=?2"},
      Prepared{&put_journal_, "INSERT INTO journal(seq, channel, data) VALUES(?1,?2,?3)"},
      Prepared{&put_transcript_,
               "INSERT INTO transcript(channel, ts, id, type, who, to_, text, bytes)"
               " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"},
      Prepared{&add_number_, "UPDATE meta SET value=value+?2 WHERE key=?1"},
      Prepared{&raise_number_, "UPDATE meta SET value=max(value,?2) WHERE key=?1"},
      Prepared{&put_number_, "UPDATE meta SET value=?2 WHERE key=?1"},
      Prepared{&number_, "SELECT value FROM meta WHERE key=?1"},
      Prepared{&forget_one_, "DELETE FROM journal WHERE seq=?1"},
      Prepared{&forget_run_, "DELETE FROM journal WHERE seq BETWEEN ?1 AND ?2"},
      Prepared{&drop_transcript_,
               "DELETE FROM transcript WHERE seq IN"
               " (SELECT seq FROM transcript WHERE channel=?1 ORDER BY seq LIMIT ?2)"},
      Prepared{&oldest_transcript_, oldest},
      Prepared{&trim_transcript_, "DELETE FROM transcript WHERE channel=?1 AND seq<=?2"},
      Prepared{&free_pages_, "PRAGMA freelist_count"},
      Prepared{&pages_, "PRAGMA page_count"},
  };
  for (const Prepared& each : all) {
    auto statement = database_.prepare(each.sql);
    if (!statement) return std::unexpected(statement.error());
    *each.statement = std::move(*statement);
  }
  return {};
}

int WriteConnection::on_commit(void* self, sqlite3*, const char*, int log_pages) {
  static_cast<WriteConnection*>(self)->log_pages_ = log_pages;
  return SQLITE_OK;
}

Result<void> WriteConnection::begin() {
  // A file that was moved away still takes writes.
  if (auto there = held_.check(); !there) return there;
  return begin_.run();
}

Result<void> WriteConnection::commit() {
  return commit_.run();
}

void WriteConnection::rollback() {
  if (sqlite3_get_autocommit(database_.handle()) == 0) {
    static_cast<void>(database_.run("ROLLBACK"));  // what fails here is undone by reopening
  }
}

Result<void> WriteConnection::put(const core::ChannelRecord& record) {
  return put_channel(put_channel_, record);
}

Result<void> WriteConnection::delete_channel(core::ChannelNo channel) {
  return delete_channel_.run(channel);
}

Result<void> WriteConnection::change(const RecordChange& change) {
  const auto kind = static_cast<int>(change.kind);
  if (!change.data) return delete_record_.run(kind, change.key);
  return put_record_.run(kind, change.key, BlobView{*change.data});
}

Result<void> WriteConnection::put(const JournalRow& row) {
  return put_journal_.run(row.seq, row.channel, BlobView{row.data});
}

Result<void> WriteConnection::put(const TranscriptRow& row) {
  const core::TranscriptEntry& entry = row.entry;
  auto done = put_transcript_.run(row.channel, entry.ts, entry.id, static_cast<int>(entry.type),
                                  entry.who, entry.to, entry.text, entry.bytes);
  last_line_ = sqlite3_last_insert_rowid(database_.handle());
  return done;
}

Result<void> WriteConnection::add(const LifetimeCounters& counters) {
  const std::array<std::pair<const char*, std::uint64_t>, 3> all = {{
      {"channels_created", counters.channels_created},
      {"joins_total", counters.joins_total},
      {"messages_total", counters.messages_total},
  }};
  for (const auto& [name, added] : all) {
    if (added == 0) continue;
    if (auto done = add_number_.run(name, added); !done) return done;
  }
  return {};
}

Result<void> WriteConnection::raise_id_ceiling(core::MessageId ceiling) {
  return raise_number_.run("id_ceiling", ceiling);
}

Result<void> WriteConnection::raise_last_channel(core::ChannelNo channel) {
  return raise_number_.run("last_channel", channel);
}

Result<void> WriteConnection::put_commit_number(std::int64_t number) {
  return put_number_.run("commit_number", number);
}

Result<std::int64_t> WriteConnection::commit_number() {
  number_.start("commit_number");
  const auto row = number_.next();
  if (!row) return std::unexpected(row.error());
  const std::int64_t number = *row ? number_.number(0) : 0;
  number_.reset();
  return number;
}

Result<void> WriteConnection::forget(SeqRun run) {
  return run.first == run.last ? forget_one_.run(run.first) : forget_run_.run(run.first, run.last);
}

Result<int> WriteConnection::drop_transcript(core::ChannelNo channel, int lines) {
  if (auto done = drop_transcript_.run(channel, lines); !done) return std::unexpected(done.error());
  return database_.changes();
}

Result<std::uint64_t> WriteConnection::trim_transcript(core::ChannelNo channel, std::uint64_t bytes,
                                                       int lines) {
  std::int64_t last = -1;
  std::uint64_t freed = 0;
  oldest_transcript_.start(channel, lines);
  while (freed < bytes) {
    const auto row = oldest_transcript_.next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    last = oldest_transcript_.number(0);
    freed += static_cast<std::uint64_t>(oldest_transcript_.number(1));
  }
  oldest_transcript_.reset();
  if (auto done = trim_transcript_.run(channel, last); !done) return std::unexpected(done.error());
  return freed;
}

Result<std::int64_t> WriteConnection::pages() {
  pages_.start();
  const auto row = pages_.next();
  if (!row) return std::unexpected(row.error());
  const std::int64_t count = *row ? pages_.number(0) : 0;
  pages_.reset();
  return count;
}

Result<std::int64_t> WriteConnection::free_pages() {
  free_pages_.start();
  const auto row = free_pages_.next();
  if (!row) return std::unexpected(row.error());
  const std::int64_t count = *row ? free_pages_.number(0) : 0;
  free_pages_.reset();
  return count;
}

Result<void> WriteConnection::release_pages(int pages) {
  return database_.run(fmt::format("PRAGMA incremental_vacuum({})", pages).c_str());
}

bool WriteConnection::checkpoint(bool truncate) {
  // A reader in the way is no reason to wait: the next checkpoint finds what is left.
  sqlite3* const db = database_.handle();
  sqlite3_busy_timeout(db, 0);
  int in_log = 0;
  int moved = 0;
  const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(db, nullptr, mode, &in_log, &moved);
  if (truncate) log_pages_ = code == SQLITE_OK ? 0 : std::max<std::int64_t>(log_pages_, 1);
  sqlite3_busy_timeout(db, kBusyMilliseconds);
  return code == SQLITE_OK && in_log == moved;
}

}  // namespace rogerthat::store
