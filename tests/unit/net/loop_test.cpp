// The loop: its mailbox, its timers, and watches that end in the middle of a round.
#include "net/loop.h"

#include <atomic>
#include <semaphore>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace rogerthat::net {
namespace {

class CountingDriver final : public Driver {
 public:
  Millis run_timers(Now now) override {
    ++rounds;
    if (due <= now.steady) {
      due = kNever;
      fired_at = now.steady;
      if (on_due) on_due();
    }
    return due;
  }
  void end_of_round() override { ++ends; }
  Millis due = kNever;
  Millis fired_at = 0;
  std::atomic<int> rounds{0};
  std::atomic<int> ends{0};
  std::function<void()> on_due;
};

TEST(Loop, RunsJobsInOrderOnItsThread) {
  Loop loop;
  std::vector<int> seen;
  EXPECT_EQ(Loop::current(), nullptr);
  loop.post([&] {
    EXPECT_EQ(Loop::current(), &loop);
    seen.push_back(1);
    loop.post([&] { seen.push_back(3); });
  });
  loop.post([&] { seen.push_back(2); });
  std::thread thread([&] { loop.run(); });
  loop.post([&] { loop.post([&] { loop.stop(); }); });
  thread.join();
  EXPECT_EQ(seen, (std::vector{1, 2, 3}));
}

TEST(Loop, LosesNoJobOfManyThreads) {
  Loop loop;
  int count = 0;
  std::thread thread([&] { loop.run(); });
  std::vector<std::thread> posters;
  for (int t = 0; t < 3; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) loop.post([&] { ++count; });
    });
  }
  for (auto& poster : posters) poster.join();
  loop.post([&] { loop.stop(); });
  thread.join();
  EXPECT_EQ(count, 6000);
}

TEST(Loop, CallsItsDriverWhenItIsDueAndSleepsUntilThen) {
  Loop loop;
  CountingDriver driver;
  const Millis start = read_clocks().steady;
  driver.due = start + 60;
  driver.on_due = [&] { loop.stop(); };
  loop.set_driver(&driver);
  loop.run();
  EXPECT_GE(driver.fired_at, start + 60);
  EXPECT_LE(driver.rounds, 10) << "it must sleep, not spin";
  EXPECT_GE(driver.ends, 1);
}

// A loop that spun would have turned thousands of times while the jobs went from thread to thread.
TEST(Loop, SleepsWhileNothingIsToDo) {
  constexpr int kJobs = 200;
  Loop loop;
  CountingDriver driver;
  std::binary_semaphore done{0};
  loop.attach(&driver);
  std::thread thread([&] { loop.run(); });
  for (int i = 0; i < kJobs; ++i) {
    loop.post([&] { done.release(); });
    done.acquire();
  }
  loop.stop();
  thread.join();
  EXPECT_LE(driver.rounds, kJobs + 2) << "one for each job, the first and the last";
  loop.detach(&driver);
}

class PipeEnd final : public Watched {
 public:
  explicit PipeEnd(int fd) : fd_(fd) {}
  void on_ready(std::uint32_t) override { ready(); }
  int fd() const { return fd_; }
  std::function<void()> ready;

 private:
  int fd_;
};

TEST(Loop, TellsNothingToWhatIsUnwatchedInTheSameRound) {
  Loop loop;
  int first[2], second[2];
  ASSERT_EQ(pipe2(first, O_CLOEXEC | O_NONBLOCK), 0);
  ASSERT_EQ(pipe2(second, O_CLOEXEC | O_NONBLOCK), 0);
  auto a = std::make_unique<PipeEnd>(first[0]);
  auto b = std::make_unique<PipeEnd>(second[0]);
  int told = 0;
  // Whichever is told first destroys the other.
  a->ready = [&] {
    ++told;
    loop.unwatch(b->fd(), b.get());
    b.reset();
    loop.stop();
  };
  b->ready = [&] {
    ++told;
    loop.unwatch(a->fd(), a.get());
    a.reset();
    loop.stop();
  };
  ASSERT_TRUE(loop.watch(first[0], EPOLLIN, a.get()));
  ASSERT_TRUE(loop.watch(second[0], EPOLLIN, b.get()));
  ASSERT_EQ(write(first[1], "x", 1), 1);
  ASSERT_EQ(write(second[1], "x", 1), 1);
  loop.run();
  EXPECT_EQ(told, 1);
  for (const int fd : {first[0], first[1], second[0], second[1]}) close(fd);
}

}  // namespace
}  // namespace rogerthat::net
