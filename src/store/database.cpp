#include "store/database.h"

#include <cerrno>

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/process_vfs.h"

namespace rogerthat::store {

namespace {

// Short and clear: it is shown to operators and in replies.
const char* sentence(int code, int system_errno) {
  switch (system_errno) {
    case ENOSPC:
      return "the disk is full";
    case EDQUOT:
      return "the disk quota is used up";
    case EROFS:
      return "the disk is read-only";
    case EFBIG:
      return "a file has reached the size that this process may write";
    case EMFILE:
    case ENFILE:
      return "no file descriptor is left";
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_READONLY:
      return "the database is read-only";
    case SQLITE_CANTOPEN:
      return "the database cannot be opened";
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "access to the database is denied";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process holds the database";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the database is damaged";
    case SQLITE_NOMEM:
      return "there is no memory left";
    case SQLITE_IOERR:
      return "the disk reports an error";
    default:
      return "the database refuses";
  }
}

Error describe(sqlite3* db) {
  const int code = sqlite3_extended_errcode(db);
  const bool disk = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN ||
                    (code & 0xff) == SQLITE_FULL;
  return Error{ErrorCode::unavailable, sentence(code, disk ? sqlite3_system_errno(db) : 0),
               fmt::format("SQLite {}: {}", code, sqlite3_errmsg(db))};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

// What binding could refuse (an index, a size beyond SQLite's limit) the next step refuses as well.
void Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data() ? text.data() : "", text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int index, BlobView blob) {
  sqlite3_bind_blob64(statement_.get(), index, blob.bytes.data() ? blob.bytes.data() : "",
                      blob.bytes.size(), SQLITE_STATIC);
}

void Statement::bind_number(int index, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), index, number);
}

Result<bool> Statement::next() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = describe(sqlite3_db_handle(statement_.get()));
  sqlite3_reset(statement_.get());
  return std::unexpected(std::move(error));
}

Result<void> Statement::finish() {
  const auto row = next();
  if (!row) return std::unexpected(row.error());
  sqlite3_reset(statement_.get());
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

void Database::Close::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

Result<Database> Database::open(const std::string& path, Mode mode) {
  // SQLite counts its memory under a lock, several times a row; nobody asks for the count. Can be
  // set only before its first use, and in a test that has used it before nothing is lost.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(uncounted);
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, process_vfs());
  Database database(raw);
  if (code != SQLITE_OK) {
    return raw ? std::unexpected(describe(raw))
               : fail(ErrorCode::unavailable, sentence(SQLITE_NOMEM, 0));
  }
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  return database;
}

Result<void> Database::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(error());
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error());
  Statement statement;
  statement.statement_.reset(raw);
  return statement;
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->next();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->number(0) : 0;
}

int Database::changes() const {
  return sqlite3_changes(db_.get());
}

Error Database::error() const {
  return describe(db_.get());
}

}  // namespace rogerthat::store
