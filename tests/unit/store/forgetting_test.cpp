// What is forgotten is gone: from the database, from its log and from the free space in both.
#include <algorithm>
#include <thread>

#include "store_support.h"

namespace rogerthat::store {
namespace {

constexpr const char* kSecret = "the launch code is 0000";

class Forgetting : public testing::Test {
 protected:
  void SetUp() override {
    store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(1));
  }

  // Rows first..last, ticket first + 1.
  void append_rows(Seq first, Seq last, const std::string& text) {
    Batch batch;
    batch.ticket = static_cast<Ticket>(first) + 1;
    for (Seq seq = first; seq <= last; ++seq) batch.journal.push_back(message_row(seq, 1, text));
    store->append(std::move(batch));
  }
  void forget(std::vector<Seq> seqs) {
    Batch batch;
    batch.ticket = 1'000'000;
    batch.forget = std::move(seqs);
    store->append(std::move(batch));
    store->flush();
  }

  const TempDir temp;
  Remembering listener;
  std::unique_ptr<SqliteStore> store;
};

TEST_F(Forgetting, RemovesRowsAndTheirContent) {
  append_rows(1, 500, kSecret);
  append_rows(501, 502, "stays");
  store->flush();
  ASSERT_TRUE(on_disk(temp.path(), kSecret));
  std::vector<Seq> seqs;
  for (Seq seq = 500; seq >= 1; --seq) seqs.push_back(seq);
  forget(seqs);
  store->settle();
  EXPECT_FALSE(on_disk(temp.path(), kSecret));
  EXPECT_EQ(store->stats().forgotten, 500U);
  EXPECT_EQ(load(*store).seqs(), (std::vector<Seq>{501, 502}));
}

TEST_F(Forgetting, TakesPlaceByItselfWhenThereIsNothingElseToDo) {
  append_rows(1, 3, kSecret);
  store->flush();
  forget({1, 2, 3});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (on_disk(temp.path(), kSecret) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(on_disk(temp.path(), kSecret));
}

TEST_F(Forgetting, TakesPlaceBeforeTheStoreCloses) {
  append_rows(1, 3, kSecret);
  forget({1, 3});
  store.reset();
  EXPECT_EQ(reopen_and_load(temp.path()).seqs(), (std::vector<Seq>{2}));
  EXPECT_TRUE(on_disk(temp.path(), kSecret));
}

TEST_F(Forgetting, RidesAlongWhenThereIsNoIdleMoment) {
  constexpr Seq kRows = 30'000;
  Seq seq = 0;
  // Two batches are always queued, so the store is never idle.
  Ticket ticket = 1;
  while (store->stats().forgotten < kRows / 2 && seq < 20 * kRows) {
    Batch batch;
    batch.ticket = ++ticket;
    for (int i = 0; i < 200; ++i) {
      batch.journal.push_back(message_row(++seq, 1, "x"));
      batch.forget.push_back(seq);
    }
    store->append(std::move(batch));
    if (ticket > 3) {
      ASSERT_TRUE(listener.wait_committed(0, ticket - 2));
    }
  }
  EXPECT_GE(store->stats().forgotten, static_cast<std::uint64_t>(kRows / 2));
}

TEST_F(Forgetting, GivesDiskSpaceBack) {
  append_rows(1, 2000, std::string(4000, 'x'));
  store->settle();
  const std::uint64_t full = store->stats().disk_bytes;
  EXPECT_GT(full, 8'000'000U);
  std::vector<Seq> seqs(2000);
  for (std::size_t i = 0; i < seqs.size(); ++i) seqs[i] = static_cast<Seq>(i) + 1;
  forget(seqs);
  store->settle();
  EXPECT_LT(store->stats().disk_bytes, 2'000'000U);
}

TEST_F(Forgetting, KeepsTheLogShortUnderLoad) {
  Ticket ticket = 1;
  Seq seq = 0;
  std::uint64_t largest = 0;
  const std::string text(100'000, 'x');
  for (int i = 0; i < 120; ++i) {
    Batch batch;
    batch.ticket = ++ticket;
    for (int k = 0; k < 10; ++k) batch.journal.push_back(message_row(++seq, 1, text));
    batch.forget = {seq - 9, seq - 8, seq - 7, seq - 6, seq - 5,
                    seq - 4, seq - 3, seq - 2, seq - 1, seq};
    store->append(std::move(batch));
    ASSERT_TRUE(listener.wait_committed(0, ticket));
    std::error_code missing;
    const auto size = std::filesystem::file_size(temp.file("rogerthat.db-wal"), missing);
    if (!missing) largest = std::max<std::uint64_t>(largest, size);
  }
  // More than 200 MB went through it.
  EXPECT_LT(largest, 100'000'000U);
}

}  // namespace
}  // namespace rogerthat::store
