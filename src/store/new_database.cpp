#include "store/new_database.h"

#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "store/database.h"
#include "store/file.h"
#include "store/schema.h"

namespace rogerthat::store {

namespace {

// Nobody knows the draft before it is whole, so nothing is synced on the way. auto_vacuum can only
// be chosen while there is no table; the log comes last, for its mode is kept in the file.
Result<void> write_draft(const std::string& draft, const std::string& key_mark) {
  auto database = Database::open(draft, Database::Mode::create);
  if (!database) return std::unexpected(database.error());
  auto done = database->run(
      "PRAGMA synchronous=OFF;"
      "PRAGMA journal_mode=MEMORY;"
      "PRAGMA auto_vacuum=INCREMENTAL");
  if (done) done = migrate(*database);
  if (done) {
    done = database->run(fmt::format("INSERT INTO meta(key, value) VALUES ('started_at', {}),"
                                     " ('channels_created', 0), ('joins_total', 0),"
                                     " ('messages_total', 0), ('id_ceiling', 0),"
                                     " ('last_channel', 0), ('commit_number', 0),"
                                     " ('key_mark', '{}')",
                                     read_clocks().wall, key_mark)
                             .c_str());
  }
  if (done) done = database->run("PRAGMA journal_mode=WAL");
  return done;
}

void remove_draft(const std::string& draft) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) ::unlink((draft + suffix).c_str());
}

}  // namespace

Result<void> make_database(const std::string& path, const std::string& key_mark) {
  if (file_size(path) > 0) return {};
  // A log without its database would be taken for the log of the new one.
  if (file_size(path + "-wal") > 0) {
    return fail(ErrorCode::conflict,
                fmt::format("the database {0} is missing, but its log {0}-wal is there", path),
                "put the database back, or remove the log to start with an empty database");
  }
  const std::string draft = path + ".new";
  remove_draft(draft);
  if (auto done = write_draft(draft, key_mark); !done) {
    remove_draft(draft);
    return done;
  }
  const FileDescriptor file(::open(draft.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.open() || ::fchmod(file.get(), 0600) != 0 || ::fsync(file.get()) != 0 ||
      std::rename(draft.c_str(), path.c_str()) != 0) {
    auto failure = fail_with_errno("the database " + path + " cannot be made");
    remove_draft(draft);
    return failure;
  }
  return sync_directory(path.substr(0, path.rfind('/')));
}

}  // namespace rogerthat::store
