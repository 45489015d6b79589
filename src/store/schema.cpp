#include "store/schema.h"

#include <array>
#include <string>

#include <fmt/format.h>

namespace rogerthat::store {

namespace {

// A step brings the version before it to its own. Steps that were released never change.
//
// Version 1. The journal is the hot path: rows are appended at its end, by number, and no index
// hangs on it. A transcript is read by channel, so it has an index.
// Version 2. Records are looked up by their names, a few at a time.
constexpr std::array kSteps = {
    R"sql(
      CREATE TABLE meta(
        key TEXT PRIMARY KEY,
        value
      ) WITHOUT ROWID;

      CREATE TABLE channels(
        no INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        retention TEXT NOT NULL,
        trust_mode TEXT NOT NULL,
        require_identity INTEGER NOT NULL,
        has_owner_password INTEGER NOT NULL,
        durable INTEGER NOT NULL,
        band INTEGER NOT NULL,
        on_collision TEXT NOT NULL,
        loop_guard TEXT NOT NULL,
        session_ttl INTEGER NOT NULL,
        ring_size INTEGER NOT NULL,
        ring_bytes INTEGER NOT NULL,
        token_hash BLOB NOT NULL,
        owner_password_hash TEXT NOT NULL,
        owner_account TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_activity_at INTEGER NOT NULL,
        ever_joined INTEGER NOT NULL
      );

      CREATE TABLE journal(
        seq INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL,
        data BLOB NOT NULL
      );

      CREATE TABLE transcript(
        seq INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL,
        ts INTEGER NOT NULL,
        id INTEGER NOT NULL,
        type INTEGER NOT NULL,
        who TEXT NOT NULL,
        to_ TEXT NOT NULL,
        text TEXT NOT NULL,
        bytes INTEGER NOT NULL
      );
      CREATE INDEX transcript_by_channel ON transcript(channel, seq);
    )sql",
    R"sql(
      CREATE TABLE records(
        kind INTEGER NOT NULL,
        key TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY(kind, key)
      ) WITHOUT ROWID;
    )sql",
};

}  // namespace

Result<void> migrate(Database& database) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  const auto known = static_cast<std::int64_t>(kSteps.size());
  if (*version > known) {
    return fail(ErrorCode::conflict,
                fmt::format("the database was written by a newer version of this program (schema "
                            "{}; this one knows {})",
                            *version, known),
                "start the newer version, or restore a backup of the data directory");
  }
  for (std::int64_t step = *version; step < known; ++step) {
    const std::string sql =
        fmt::format("BEGIN IMMEDIATE;{};PRAGMA user_version={};COMMIT", kSteps[step], step + 1);
    if (auto done = database.run(sql.c_str()); !done) return done;
  }
  return {};
}

}  // namespace rogerthat::store
