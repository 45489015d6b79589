// Look-ups of names: how many threads they take, and who waits for whom.
#include "net/lookups.h"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "names.h"
#include "net/loop.h"
#include "net/resolver.h"

namespace rogerthat::net {
namespace {

class LookupsTest : public testing::Test {
 protected:
  Names names;
  LookupOptions options;

  LookupsTest() {
    options.look_up = names.look_up();
    options.slow = kDay;
  }
  ~LookupsTest() override {
    names.release();
    await_answers();
  }

  Lookups& lookups() {
    if (!owned_) owned_ = std::make_unique<Lookups>(options);
    return *owned_;
  }
  void ask(const std::string& host) {
    {
      const std::lock_guard lock(mutex_);
      ++owed_;
    }
    lookups().ask(host, [this](const FoundAddresses& found) {
      const std::lock_guard lock(mutex_);
      --owed_;
      ++answered_;
      if (!found) last_error_ = found.error();
      changed_.notify_all();
    });
  }
  void ask_many(const std::string& beginning, int count) {
    for (int i = 0; i < count; ++i) ask(beginning + std::to_string(i));
  }
  void await_answers(std::size_t still_owed = 0) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return owed_ == still_owed; });
  }
  std::size_t answered() {
    const std::lock_guard lock(mutex_);
    return answered_;
  }
  std::string last_error() {
    const std::lock_guard lock(mutex_);
    return last_error_;
  }

 private:
  std::unique_ptr<Lookups> owned_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t owed_ = 0;
  std::size_t answered_ = 0;
  std::string last_error_;
};

TEST_F(LookupsTest, NamesThatNobodyAnswersForHoldUpNoneThatWasQuick) {
  ask("quick");
  await_answers();
  names.hold("dead");
  ask_many("dead", 100);
  names.await_running(options.unknown_max);
  ask("quick");
  await_answers(100);
  names.release();
  await_answers();
  EXPECT_EQ(answered(), 102U);
  EXPECT_LE(names.most(), options.unknown_max + 1);
}

TEST_F(LookupsTest, NamesThatWereSlowHoldUpNoNewOnes) {
  options.slow = 0;
  ask_many("dead", 20);
  await_answers();
  names.hold("dead");
  ask_many("dead", 20);
  names.await_running(options.slow_max);
  ask_many("new", 50);
  await_answers(20);
  names.release();
  await_answers();
}

TEST_F(LookupsTest, AZoneWhoseNamesAreDeadHoldsUpNoNewOneOfAnother) {
  names.hold("dead");
  for (int i = 0; i < 100; ++i) ask("dead" + std::to_string(i) + ".example.org");
  names.await_running(options.zone_max);
  ask("new.example.net");
  ask("new.example.com.");
  await_answers(100);
  names.release();
  await_answers();
  EXPECT_LE(names.most(), options.zone_max + 2);
}

TEST_F(LookupsTest, AZoneCannotFillTheQueue) {
  options.zone_max = 1;
  options.zone_waiting_max = 2;
  names.hold("dead");
  ask("dead0.example.org");
  names.await_running(1);
  for (int i = 1; i <= 3; ++i) ask("dead" + std::to_string(i) + ".example.org");
  EXPECT_EQ(answered(), 1U);
  EXPECT_EQ(last_error(), "too many names are being looked up");
  ask("new.example.net");
  await_answers(3);
}

TEST_F(LookupsTest, QuickNamesMayHaveAllThreadsAndNoMore) {
  ask_many("name", 60);
  await_answers();
  names.hold("name");
  ask_many("name", 60);
  names.await_running(options.threads_max);
  names.release();
  await_answers();
  EXPECT_EQ(names.most(), options.threads_max);
}

TEST_F(LookupsTest, QuickNamesComeBeforeThoseThatWaited) {
  options.threads_max = options.unknown_max = 1;
  ask("quick");
  await_answers();
  names.hold("first");
  ask("first");
  names.await_running(1);
  std::vector<std::string> order;
  for (const std::string name : {"unknown", "quick"}) {
    lookups().ask(name, [&order, name](const FoundAddresses&) { order.push_back(name); });
  }
  ask("last");
  names.release();
  await_answers();
  EXPECT_EQ(order, (std::vector<std::string>{"quick", "unknown"}));
}

TEST_F(LookupsTest, ANameIsLookedUpOnceForAllWhoAskMeanwhile) {
  names.hold("name");
  for (int i = 0; i < 50; ++i) ask("name");
  names.await_running(1);
  names.release();
  await_answers();
  EXPECT_EQ(names.times("name"), 1U);
  ask("name");
  await_answers();
  EXPECT_EQ(names.times("name"), 2U);
}

TEST_F(LookupsTest, MoreThanMayWaitFailsAtOnce) {
  options.unknown_max = 1;
  options.waiting_max = 2;
  names.hold("name");
  ask("name0");
  names.await_running(1);
  ask_many("name", 3);  // the first of them is being looked up
  EXPECT_EQ(answered(), 0U);
  ask("name9");
  EXPECT_EQ(answered(), 1U);
  EXPECT_EQ(last_error(), "too many names are being looked up");
}

TEST_F(LookupsTest, NobodyHearsOfWhatWaitsWhenTheyEnd) {
  options.threads_max = 1;
  names.hold("first");
  const auto told = std::make_shared<std::promise<void>>();
  {
    Lookups ending(options);
    ending.ask("first", [told](const FoundAddresses&) { told->set_value(); });
    names.await_running(1);
    ending.ask("second", [](const FoundAddresses&) { ADD_FAILURE(); });
  }
  names.release();
  told->get_future().wait();  // what ran is told
  EXPECT_EQ(names.times("second"), 0U);
}

TEST_F(LookupsTest, AResolverAnswersOnItsLoop) {
  Loop loop;
  Resolver resolver(loop, lookups());
  const Loop* answered_on = nullptr;
  resolver.resolve("name", [&](const Resolver::Found& found) {
    EXPECT_TRUE(found);
    answered_on = Loop::current();
    loop.stop();
  });
  EXPECT_EQ(answered_on, nullptr) << "never from within the call";
  loop.run();
  EXPECT_EQ(answered_on, &loop);
}

TEST_F(LookupsTest, NobodyHearsOfAResolverThatIsGone) {
  Loop loop;
  names.hold("name");
  auto gone = std::make_unique<Resolver>(loop, lookups());
  gone->resolve("name", [](const Resolver::Found&) { ADD_FAILURE(); });
  names.await_running(1);
  gone.reset();
  Resolver other(loop, lookups());
  other.resolve("name", [&](const Resolver::Found&) { loop.stop(); });
  names.release();
  loop.run();
}

}  // namespace
}  // namespace rogerthat::net
