#include "store/sqlite_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store_support.h"

namespace rogerthat::store {
namespace {

std::int64_t query(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
  const std::int64_t value =
      sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

TEST(SqliteStore, StartsEmpty) {
  const TempDir temp;
  const Recovered empty = reopen_and_load(temp.path());
  EXPECT_EQ(empty.last_seq, 0);
  EXPECT_EQ(empty.id_ceiling, 0);
  EXPECT_GT(empty.counters.started_at, 1'600'000'000'000);
  EXPECT_TRUE(empty.channels.empty());
  EXPECT_TRUE(empty.rows.empty());
}

TEST(SqliteStore, KeepsEveryFieldOfARecord) {
  core::ChannelRecord record;
  record.no = 7;
  record.id = "calm-otter-7f3a";
  record.options = {.retention = core::Retention::prompts,
                    .trust_mode = core::TrustMode::trusted,
                    .require_identity = true,
                    .has_owner_password = true,
                    .durable = true,
                    .band = true,
                    .on_collision = core::OnCollision::rename,
                    .loop_guard = core::LoopGuardMode::block,
                    .session_ttl = 86'400'000,
                    .ring_size = 10'000,
                    .ring_bytes = 4'000'000'000U};
  record.token_hash = sha256("token");
  record.owner_password_hash = "scrypt$14$8$1$a$b";
  record.owner_account = "acct";
  record.created_at = 1'700'000'000'000;
  record.last_activity_at = 1'700'000'001'000;
  record.ever_joined = true;

  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    Batch batch;
    batch.put_channels = {record, channel_record(3)};
    store->append(std::move(batch));
    Batch change;
    change.put_channels = {channel_record(3, core::Retention::metadata)};
    store->append(std::move(change));
  }
  const Recovered recovered = reopen_and_load(temp.path());
  ASSERT_EQ(recovered.channels.size(), 2U);
  EXPECT_EQ(recovered.channels[0].options.retention, core::Retention::metadata);
  const core::ChannelRecord& out = recovered.channels[1];
  EXPECT_EQ(out.no, record.no);
  EXPECT_EQ(out.id, record.id);
  EXPECT_EQ(out.options, record.options);
  EXPECT_EQ(out.token_hash, record.token_hash);
  EXPECT_EQ(out.owner_password_hash, record.owner_password_hash);
  EXPECT_EQ(out.owner_account, record.owner_account);
  EXPECT_EQ(out.created_at, record.created_at);
  EXPECT_EQ(out.last_activity_at, record.last_activity_at);
  EXPECT_TRUE(out.ever_joined);
}

TEST(SqliteStore, KeepsRecordsByNameAsTheyWereLeftLast) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    Batch batch;
    batch.ticket = 1;
    batch.records = {{RecordKind::account, "a", "1"},
                     {RecordKind::identity, "a", "another kind"},
                     {RecordKind::account, "b", "gone"},
                     {RecordKind::account, "a", "2"},
                     {RecordKind::account, "b", std::nullopt},
                     {RecordKind::account, "c", std::string("\0binary", 7)}};
    store->append(std::move(batch));
    Batch later;
    later.ticket = 2;
    later.records = {{RecordKind::account, "c", std::nullopt}, {RecordKind::account, "c", "back"}};
    store->append(std::move(later));
    ASSERT_TRUE(listener.wait_committed(0, 2));
  }
  const Recovered found = reopen_and_load(temp.path());
  const std::map<std::pair<RecordKind, std::string>, std::string> expected = {
      {{RecordKind::account, "a"}, "2"},
      {{RecordKind::account, "c"}, "back"},
      {{RecordKind::identity, "a"}, "another kind"}};
  EXPECT_EQ(found.records, expected);
}

TEST(SqliteStore, BringsADatabaseOfTheFirstVersionUpToDate) {
  const TempDir temp;
  reopen_and_load(temp.path());
  const std::string path = temp.file("rogerthat.db");
  query(path, "DROP TABLE records");
  query(path, "PRAGMA user_version=1");
  EXPECT_TRUE(reopen_and_load(temp.path()).records.empty());
  EXPECT_EQ(query(path, "SELECT count(*) FROM records"), 0);
}

TEST(SqliteStore, GivesTheJournalBackInOrder) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(2));
    Batch late;  // another shard that is ahead
    late.shard = 1;
    late.ticket = 1;
    late.journal = {message_row(10, 2, "ten"), message_row(12, 2, "twelve")};
    store->append(std::move(late));
    Batch early;
    early.ticket = 2;
    early.journal = {message_row(1, 1, "one"), message_row(11, 1, "eleven")};
    store->append(std::move(early));
  }
  const Recovered recovered = reopen_and_load(temp.path());
  EXPECT_EQ(recovered.seqs(), (std::vector<Seq>{1, 10, 11, 12}));
  EXPECT_EQ(recovered.last_seq, 12);
  EXPECT_EQ(recovered.rows[1].channel, 2);
  EXPECT_EQ(std::get<core::Posted>(recovered.rows[1].event).message.text, "ten");
}

TEST(SqliteStore, AddsUpNumbersAndNeverLowersTheCeiling) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    for (const core::MessageId ceiling : {500, 400, 0}) {
      Batch batch;
      batch.counters_added = {.channels_created = 1, .joins_total = 2, .messages_total = 3};
      batch.id_ceiling = ceiling;
      store->append(std::move(batch));
      store->flush();
    }
  }
  const Recovered recovered = reopen_and_load(temp.path());
  EXPECT_EQ(recovered.counters.channels_created, 3U);
  EXPECT_EQ(recovered.counters.joins_total, 6U);
  EXPECT_EQ(recovered.counters.messages_total, 9U);
  EXPECT_EQ(recovered.id_ceiling, 500);
}

TEST(SqliteStore, AnswersEachShardInOrderWhenItsBatchesAreOnDisk) {
  const TempDir temp;
  const TempDir copy;
  Remembering listener;
  const auto store = open_store(temp.path());
  store->start(listener);
  store->append(channels_batch(2));
  Seq seq = 0;
  for (Ticket ticket = 2; ticket <= 50; ++ticket) {
    for (const std::uint32_t shard : {0U, 1U}) {
      Batch batch;
      batch.shard = shard;
      batch.ticket = ticket;
      batch.journal = {message_row(++seq, 1 + shard, "x")};
      store->append(std::move(batch));
    }
  }
  ASSERT_TRUE(listener.wait_committed(0, 50));
  ASSERT_TRUE(listener.wait_committed(1, 50));
  std::map<std::uint32_t, Ticket> latest;
  for (const auto& [shard, ticket] : listener.tickets()) {
    EXPECT_GT(ticket, latest[shard]);
    latest[shard] = ticket;
  }

  // The files as they are now, with the store still running, hold all of it.
  for (const char* name : {"rogerthat.db", "rogerthat.db-wal"}) {
    std::filesystem::copy_file(temp.file(name), copy.file(name));
  }
  EXPECT_EQ(reopen_and_load(copy.path()).rows.size(), 98U);
}

TEST(SqliteStore, SharesOneCommitAmongManyBatches) {
  const TempDir temp;
  Remembering listener;
  const auto store = open_store(temp.path());
  store->append(channels_batch(1));
  for (Seq seq = 1; seq <= 1000; ++seq) {
    Batch batch;
    batch.ticket = static_cast<Ticket>(seq) + 1;
    batch.journal = {message_row(seq, 1, "x")};
    store->append(std::move(batch));
  }
  store->start(listener);  // the queue is full when the thread first looks
  store->flush();
  const StoreStats stats = store->stats();
  EXPECT_EQ(stats.commits, 1U);
  EXPECT_EQ(stats.rows, 1001U);
  EXPECT_EQ(stats.queued_batches, 0U);
  EXPECT_EQ(stats.queued_bytes, 0U);
  EXPECT_GT(stats.disk_bytes, 0U);
  std::uint64_t counted = 0;
  for (const auto& [bound, count] : stats.commit_latency_us) counted += count;
  EXPECT_EQ(counted, 1U);
  EXPECT_GT(stats.commit_latency_sum_us, 0U);
}

TEST(SqliteStore, SplitsWhatIsTooMuchForOneTransaction) {
  const TempDir temp;
  Remembering listener;
  const auto store = open_store(temp.path());
  store->append(channels_batch(1));
  const std::string text(1 << 20, 'x');
  for (Seq seq = 1; seq <= 20; ++seq) {
    Batch batch;
    batch.ticket = static_cast<Ticket>(seq) + 1;
    batch.journal = {message_row(seq, 1, text)};
    store->append(std::move(batch));
  }
  store->start(listener);
  store->flush();
  EXPECT_GE(store->stats().commits, 3U);
  EXPECT_EQ(load(*store).rows.size(), 20U);
}

TEST(SqliteStore, ForgetsAChannelWithAllThatWasInIt) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(2));
    Batch content;
    content.ticket = 2;
    content.journal = {message_row(1, 1, "left behind"), message_row(2, 2, "stays")};
    for (int i = 0; i < 300; ++i) content.transcript.push_back(message_line(1, "a", "left behind"));
    store->append(std::move(content));
    Batch removal;
    removal.ticket = 3;
    removal.delete_channels = {1};
    store->append(std::move(removal));
    store->flush();
    EXPECT_EQ(load(*store).channels.size(), 1U);
    EXPECT_EQ(load(*store).seqs(), (std::vector<Seq>{2}));
    store->settle();
    EXPECT_FALSE(on_disk(temp.path(), "left behind"));
    EXPECT_TRUE(store->transcript(1, 10)->empty());
  }
  // Its number is not given again.
  EXPECT_EQ(reopen_and_load(temp.path()).highest_channel, 2);
}

TEST(SqliteStore, RemembersTheHighestChannelNumberAfterItsChannelIsGone) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(5));
    Batch removal;
    removal.ticket = 2;
    removal.delete_channels = {5, 4};
    store->append(std::move(removal));
  }
  EXPECT_EQ(reopen_and_load(temp.path()).highest_channel, 5);
}

TEST(SqliteStore, SkipsRowsThatMakeNoSense) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(1));
    Batch batch;
    batch.ticket = 2;
    batch.journal = {message_row(1, 1, "good"),
                     {2, 1, "garbage"},
                     message_row(3, 1, "good"),
                     message_row(4, 99, "of no channel")};
    store->append(std::move(batch));
  }
  const Recovered recovered = reopen_and_load(temp.path());
  EXPECT_EQ(recovered.seqs(), (std::vector<Seq>{1, 3}));
  EXPECT_EQ(recovered.last_seq, 4);
}

TEST(SqliteStore, ProbeWritesAndSaysSo) {
  const TempDir temp;
  Remembering listener;
  const auto store = open_store(temp.path());
  store->start(listener);
  EXPECT_TRUE(store->probe());
  EXPECT_EQ(store->stats().commits, 1U);
}

TEST(SqliteStore, IsForTheOwnerOnlyAndLeavesNoLog) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(1));
  }
  EXPECT_EQ(std::filesystem::status(temp.file("rogerthat.db")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(std::filesystem::exists(temp.file("rogerthat.db-wal")));
  EXPECT_FALSE(std::filesystem::exists(temp.file("rogerthat.db.new")));
}

TEST(SqliteStore, IsSetUpForDurabilityAndForgetting) {
  const TempDir temp;
  open_store(temp.path()).reset();
  const std::string path = temp.file("rogerthat.db");
  EXPECT_EQ(query(path, "PRAGMA auto_vacuum"), 2);
  EXPECT_EQ(query(path, "PRAGMA user_version"), 2);
  EXPECT_EQ(query(path, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode='wal'"), 1);
  EXPECT_EQ(query(path, "SELECT count(*) FROM pragma_index_list('journal')"), 0);
}

TEST(SqliteStore, RefusesANewerDatabase) {
  const TempDir temp;
  open_store(temp.path()).reset();
  query(temp.file("rogerthat.db"), "PRAGMA user_version=8");
  const auto refused = SqliteStore::open({.dir = temp.path(), .key = kTestKey});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the database was written by a newer version of this program (schema 8; this one "
            "knows 2)");
  EXPECT_FALSE(refused.error().hint.empty());
}

TEST(SqliteStore, RefusesADatabaseOfAnotherKey) {
  const TempDir temp;
  open_store(temp.path()).reset();
  const auto refused = SqliteStore::open({.dir = temp.path(), .key = sha256("another")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the database in " + temp.path() + " was written under another key file");
}

TEST(SqliteStore, RefusesWhatIsNoDatabase) {
  const TempDir temp;
  std::ofstream(temp.file("rogerthat.db")) << std::string(5000, 'x');
  const auto refused = SqliteStore::open({.dir = temp.path(), .key = kTestKey});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the database " + temp.file("rogerthat.db") +
                                         " cannot be used: the database is damaged");
}

TEST(SqliteStore, RefusesALogWithoutItsDatabase) {
  const TempDir temp;
  std::ofstream(temp.file("rogerthat.db-wal")) << "log";
  const auto refused = SqliteStore::open({.dir = temp.path(), .key = kTestKey});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(std::filesystem::exists(temp.file("rogerthat.db-wal")));
}

}  // namespace
}  // namespace rogerthat::store
