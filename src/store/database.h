// SQLite as values and errors. An open database, a prepared statement and the sentence
// for what went wrong. No SQL of the store.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace rogerthat::store {

// How long a connection waits for another process that holds the database, a backup for example.
inline constexpr int kBusyMilliseconds = 2000;

struct BlobView {
  std::string_view bytes;
};

// A statement, prepared once and used often. Text and blobs are not copied: what is bound must
// live until the statement has run.
class Statement {
 public:
  Statement() = default;

  // For statements that give no rows.
  template <class... Values>
  Result<void> run(const Values&... values) {
    start(values...);
    return finish();
  }

  // For statements that do: start(), then next() until it says false or an error. reset() when
  // leaving earlier, so that no read transaction stays open.
  template <class... Values>
  void start(const Values&... values) {
    reset();
    int index = 0;
    (bind(++index, values), ...);
  }
  Result<bool> next();
  void reset();

  std::int64_t number(int column) const;
  std::string_view text(int column) const;  // also blobs; valid until the next step

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  void bind(int index, std::string_view text);
  void bind(int index, BlobView blob);
  void bind(int index, const char* text) { bind(index, std::string_view(text)); }
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, std::integral auto number) {
    bind_number(index, static_cast<std::int64_t>(number));
  }
  void bind_number(int index, std::int64_t number);
  Result<void> finish();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode : std::uint8_t { create, existing };
  static Result<Database> open(const std::string& path, Mode mode);

  Result<void> run(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  Result<std::int64_t> number(std::string_view sql);  // the one value of a query, 0 without a row

  int changes() const;  // rows of the latest statement
  sqlite3* handle() const { return db_.get(); }
  Error error() const;  // of the latest call

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit Database(sqlite3* db) : db_(db) {}

  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace rogerthat::store
