// When the disk refuses: it is said once, nothing that was appended is lost, nothing is written
// twice, and it goes on by itself.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "faulty_disk.h"
#include "store_support.h"

namespace rogerthat::store {
namespace {

Batch message_batch(Ticket ticket, std::size_t size = 10) {
  Batch batch;
  batch.ticket = ticket;
  batch.journal = {message_row(static_cast<Seq>(ticket), 1, std::string(size, 'x'))};
  batch.transcript = {message_line(1, "alpha", "line " + std::to_string(ticket))};
  batch.counters_added.messages_total = 1;
  return batch;
}

class OnAFaultyDisk : public testing::Test {
 protected:
  void SetUp() override {
    store = open_store(temp.path());
    store->start(listener);
    store->append(channels_batch(1));
    store->flush();
  }

  void expect_tickets_kept_once(Ticket first, Ticket last) {
    store.reset();
    store = open_store(temp.path());
    const Recovered recovered = load(*store);
    std::vector<Seq> expected;
    for (Ticket ticket = first; ticket <= last; ++ticket) {
      expected.push_back(static_cast<Seq>(ticket));
    }
    EXPECT_EQ(recovered.seqs(), expected);
    EXPECT_EQ(recovered.counters.messages_total, expected.size());
    EXPECT_EQ(store->transcript(1, 1000)->size(), expected.size());
  }

  const TempDir temp;
  FaultyDisk disk;
  Remembering listener;
  std::unique_ptr<SqliteStore> store;
};

TEST_F(OnAFaultyDisk, WritesAreKeptUntilTheDiskTakesThem) {
  disk.writes_fail = true;
  for (Ticket ticket = 2; ticket <= 10; ++ticket) store->append(message_batch(ticket));
  ASSERT_TRUE(listener.wait_failing());
  store->flush();  // does not wait for a disk that refuses
  EXPECT_EQ(store->stats().queued_batches, 9U);

  const auto probed = store->probe();
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().message, "the disk reports an error");

  disk.writes_fail = false;
  ASSERT_TRUE(listener.wait_recovered());
  EXPECT_TRUE(listener.wait_committed(0, 10));
  EXPECT_EQ(listener.reasons(), std::vector<std::string>{"the disk reports an error"});
  EXPECT_EQ(listener.recoveries(), 1);
  EXPECT_TRUE(store->probe());
  EXPECT_GE(store->stats().failures, 1U);
  expect_tickets_kept_once(2, 10);
}

TEST_F(OnAFaultyDisk, ACommitThatTookPlaceInSpiteOfItsErrorIsNotDoneAgain) {
  store->append(message_batch(2));
  store->flush();
  // The transaction reaches the log, its sync fails; then the database is opened afresh, and finds
  // the transaction in the log.
  disk.syncs_fail = true;
  store->append(message_batch(3));
  ASSERT_TRUE(listener.wait_failing());
  store->append(message_batch(4));
  disk.syncs_fail = false;
  ASSERT_TRUE(listener.wait_recovered());
  ASSERT_TRUE(listener.wait_committed(0, 4));
  expect_tickets_kept_once(2, 4);
}

TEST_F(OnAFaultyDisk, AProbeFindsOutByItself) {
  disk.writes_fail = true;
  const auto probed = store->probe();
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().message, "the disk reports an error");
  EXPECT_TRUE(listener.wait_failing());
  disk.writes_fail = false;
  EXPECT_TRUE(listener.wait_recovered());
}

TEST_F(OnAFaultyDisk, ClosingDoesNotWaitForIt) {
  disk.writes_fail = true;
  store->append(message_batch(2));
  ASSERT_TRUE(listener.wait_failing());
  store.reset();
  disk.writes_fail = false;
  EXPECT_TRUE(reopen_and_load(temp.path()).rows.empty());
}

TEST_F(OnAFaultyDisk, ADatabaseThatIsMovedAwayTakesNoMoreWrites) {
  std::filesystem::rename(temp.file("rogerthat.db"), temp.file("elsewhere"));
  const auto probed = store->probe();
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().message, "the database file was moved, deleted or replaced");
  EXPECT_TRUE(listener.wait_failing());
  store->append(message_batch(2));

  std::filesystem::rename(temp.file("elsewhere"), temp.file("rogerthat.db"));
  ASSERT_TRUE(listener.wait_recovered());
  expect_tickets_kept_once(2, 2);
}

// A small file system of its own, which no other process sees.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
               ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("none", path_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST(OnAFullDisk, WritesAreKeptUntilThereIsRoom) {
  const TempDir temp;
  const SmallDisk disk(temp.path());
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system takes more rights";
  const std::string ballast = temp.file("ballast");
  std::ofstream(ballast) << std::string(1 << 20, 'b');

  Remembering listener;
  auto store = open_store(temp.path());
  ASSERT_TRUE(store);
  store->start(listener);
  store->append(channels_batch(1));
  Ticket ticket = 1;
  while (listener.reasons().empty() && ticket < 200) {
    store->append(message_batch(++ticket, 50'000));
    store->flush();
  }
  ASSERT_TRUE(listener.wait_failing());
  EXPECT_EQ(listener.reasons(), std::vector<std::string>{"the disk is full"});
  const auto probed = store->probe();
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().message, "the disk is full");

  std::filesystem::remove(ballast);
  ASSERT_TRUE(listener.wait_recovered());
  ASSERT_TRUE(listener.wait_committed(0, ticket));
  store.reset();
  EXPECT_EQ(reopen_and_load(temp.path()).rows.size(), ticket - 1);
}

}  // namespace
}  // namespace rogerthat::store
