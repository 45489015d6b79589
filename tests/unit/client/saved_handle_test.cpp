// Handles of sessions on disk.
#include "client/saved_handle.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace rogerthat::client {
namespace {

namespace fs = std::filesystem;

class SavedHandleTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rogerthat-handle-XXXXXX";
    directory = mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(directory); }
  std::unique_ptr<SavedHandle> open(std::string_view callsign = "bob") {
    return SavedHandle::open(directory + "/.rogerthat", "http://a", "general", callsign);
  }
  std::string directory;
};

TEST_F(SavedHandleTest, IsFoundAgain) {
  auto first = open();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session(), "");
  first->save("a-session-id");
  first->save("another-session-id");
  first.reset();
  auto second = open();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->session(), "another-session-id");
  EXPECT_EQ(open("carol")->session(), "");
}

TEST_F(SavedHandleTest, IsHeldByOneAtATime) {
  const auto first = open();
  EXPECT_FALSE(open());
}

TEST_F(SavedHandleTest, IsForgotten) {
  auto first = open();
  first->save("a-session-id");
  first->forget();
  const auto second = open();
  ASSERT_TRUE(second) << "a file of that name is nobody's now";
  EXPECT_EQ(second->session(), "");
}

TEST_F(SavedHandleTest, IsNobodyElsesBusiness) {
  const auto handle = open();
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const auto others = fs::perms::group_all | fs::perms::others_all;
    EXPECT_EQ(entry.status().permissions() & others, fs::perms::none) << entry.path();
  }
}

TEST_F(SavedHandleTest, ADirectoryThatCannotBeIsNoTrouble) {
  EXPECT_FALSE(SavedHandle::open("", "http://a", "general", "bob"));
  EXPECT_FALSE(SavedHandle::open("/dev/null/x", "http://a", "general", "bob"));
}

}  // namespace
}  // namespace rogerthat::client
