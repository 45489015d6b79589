#include "store/process_vfs.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

namespace rogerthat::store {
namespace {

class ProcessVfs : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rogerthat-vfs-XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ + "/a.db";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  sqlite3* open() {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open_v2(path_.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                              process_vfs()),
              SQLITE_OK);
    return db;
  }
  static int run(sqlite3* db, const char* sql) {
    return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  }
  static int count(sqlite3* db) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &statement, nullptr);
    const int rows = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    return rows;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(ProcessVfs, ConnectionsOfTheProcessSeeEachOtherAndNoIndexFileIsMade) {
  sqlite3* writer = open();
  sqlite3* reader = open();
  ASSERT_EQ(run(writer, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)"),
            SQLITE_OK);
  EXPECT_EQ(count(reader), 1);
  ASSERT_EQ(run(writer, "INSERT INTO t VALUES(2)"), SQLITE_OK);
  EXPECT_EQ(count(reader), 2);
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
  sqlite3_close(reader);
  sqlite3_close(writer);
}

TEST_F(ProcessVfs, TwoWritersExcludeEachOtherAndAReaderKeepsItsSnapshot) {
  sqlite3* one = open();
  sqlite3* two = open();
  ASSERT_EQ(run(one, "PRAGMA journal_mode=WAL; CREATE TABLE t(x)"), SQLITE_OK);
  ASSERT_EQ(run(one, "BEGIN IMMEDIATE; INSERT INTO t VALUES(1)"), SQLITE_OK);
  EXPECT_EQ(run(two, "BEGIN IMMEDIATE"), SQLITE_BUSY);
  ASSERT_EQ(run(two, "BEGIN"), SQLITE_OK);
  EXPECT_EQ(count(two), 0);
  ASSERT_EQ(run(one, "COMMIT"), SQLITE_OK);
  EXPECT_EQ(count(two), 0);  // its snapshot is older
  EXPECT_NE(run(one, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_ERROR);
  EXPECT_EQ(count(two), 0);
  ASSERT_EQ(run(two, "COMMIT"), SQLITE_OK);
  EXPECT_EQ(count(two), 1);
  ASSERT_EQ(run(two, "BEGIN IMMEDIATE; INSERT INTO t VALUES(2); COMMIT"), SQLITE_OK);
  sqlite3_close(one);
  sqlite3_close(two);
}

TEST_F(ProcessVfs, WhatALogHoldsIsReadAgainByTheNextProcessOfTheDatabase) {
  sqlite3* db = open();
  ASSERT_EQ(run(db,
                "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x);"
                "INSERT INTO t VALUES(1)"),
            SQLITE_OK);
  const std::string copy = directory_ + "/b.db";  // as after a crash: the log was not moved
  std::filesystem::copy_file(path_, copy);
  std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
  sqlite3_close(db);
  path_ = copy;
  sqlite3* again = open();
  EXPECT_EQ(count(again), 1);
  sqlite3_close(again);
}

}  // namespace
}  // namespace rogerthat::store
