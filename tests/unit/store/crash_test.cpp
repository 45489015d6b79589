// A process that dies without a word has kept what it was told is kept.
#include <algorithm>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "store_support.h"

namespace rogerthat::store {
namespace {

class Reporting final : public Listener {
 public:
  explicit Reporting(int fd) : fd_(fd) {}
  void committed(std::uint32_t, Ticket ticket) override {
    if (::write(fd_, &ticket, sizeof ticket) != sizeof ticket) ::_exit(1);
  }
  void failing(const std::string&) override {}
  void recovered() override {}

 private:
  int fd_;
};

// Appends until it is killed; ticket n stands for rows 1..n-1.
[[noreturn]] void write_until_killed(const std::string& dir, int fd) {
  auto store = SqliteStore::open({.dir = dir, .key = kTestKey});
  if (!store) ::_exit(1);
  Reporting listener(fd);
  (*store)->start(listener);
  (*store)->append(channels_batch(1));
  for (Seq seq = 1;; ++seq) {
    Batch batch;
    batch.ticket = static_cast<Ticket>(seq) + 1;
    batch.journal = {message_row(seq, 1, std::string(static_cast<std::size_t>(seq % 3000), 'x'))};
    batch.counters_added.messages_total = 1;
    if (seq % 50 == 0) {
      for (Seq old = seq - 49; old < seq; ++old) batch.forget.push_back(old);
    }
    (*store)->append(std::move(batch));
    if ((*store)->stats().queued_batches > 200) (*store)->flush();
  }
}

TEST(Crash, LosesNothingThatWasAcknowledged) {
  SeededRandom random(3);
  for (int round = 0; round < 5; ++round) {
    const TempDir temp;
    int reports[2];
    ASSERT_EQ(::pipe(reports), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(reports[0]);
      write_until_killed(temp.path(), reports[1]);
    }
    ::close(reports[1]);
    const Ticket enough = 200 + random.below(3000);
    Ticket acknowledged = 0;
    Ticket ticket = 0;
    while (acknowledged < enough && ::read(reports[0], &ticket, sizeof ticket) == sizeof ticket) {
      acknowledged = ticket;
    }
    ::kill(child, SIGKILL);
    while (::read(reports[0], &ticket, sizeof ticket) == sizeof ticket) acknowledged = ticket;
    ::close(reports[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_GE(acknowledged, enough);

    const Recovered recovered = reopen_and_load(temp.path());
    ASSERT_EQ(recovered.channels.size(), 1U);
    const std::vector<Seq> seqs = recovered.seqs();
    const auto last = static_cast<Seq>(acknowledged) - 1;
    EXPECT_GE(recovered.last_seq, last);
    EXPECT_EQ(recovered.counters.messages_total, static_cast<std::uint64_t>(recovered.last_seq));
    for (Seq seq = 50; seq <= last; seq += 50) {
      EXPECT_TRUE(std::ranges::binary_search(seqs, seq)) << seq;
    }
    for (Seq seq = last - last % 50 + 1; seq <= last; ++seq) {
      EXPECT_TRUE(std::ranges::binary_search(seqs, seq)) << seq;
    }
  }
}

}  // namespace
}  // namespace rogerthat::store
