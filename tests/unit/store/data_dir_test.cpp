#include "store/data_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "store/key_file.h"
#include "store_support.h"

namespace rogerthat::store {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

TEST(DataDir, IsMadeForTheOwnerOnly) {
  const TempDir temp;
  const std::string path = temp.file("a/b");
  const auto dir = DataDir::open(path);
  ASSERT_TRUE(dir) << dir.error().message;
  EXPECT_EQ(mode_of(path), 0700U);
  EXPECT_EQ(dir->path(), path);
}

TEST(DataDir, IsHeldByOneProcess) {
  const TempDir temp;
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(done[1]);
    const auto held = DataDir::open(temp.path());
    char byte = held ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1 || ::read(done[0], &byte, 1) < 0) ::_exit(1);
    ::_exit(0);
  }
  ::close(done[0]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');

  const auto refused = DataDir::open(temp.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the data directory " + temp.path() + " is held by process " + std::to_string(child));
  EXPECT_FALSE(refused.error().hint.empty());

  ::close(done[1]);
  ::waitpid(child, nullptr, 0);
  const auto taken_over = DataDir::open(temp.path());
  EXPECT_TRUE(taken_over) << taken_over.error().message;
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(DataDir, IsHeldWhateverBecomesOfItsLockFile) {
  const TempDir temp;
  auto held = DataDir::open(temp.path());
  ASSERT_TRUE(held);
  EXPECT_EQ(held->look(), DataDir::Place::as_it_was);
  std::filesystem::remove(temp.file("lock"));
  const auto second = DataDir::open(temp.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "the data directory " + temp.path() + " is held by another process");
  EXPECT_FALSE(std::filesystem::exists(temp.file("lock")))
      << "who is refused leaves nothing behind";

  EXPECT_EQ(held->look(), DataDir::Place::locked_again);
  EXPECT_EQ(held->look(), DataDir::Place::as_it_was);
  EXPECT_EQ(
      DataDir::open(temp.path()).error().message,
      "the data directory " + temp.path() + " is held by process " + std::to_string(::getpid()));
}

TEST(DataDir, IsHeldWhereItIsMovedTo) {
  const TempDir temp;
  auto held = DataDir::open(temp.file("data"));
  ASSERT_TRUE(held);
  held->keep();
  std::filesystem::rename(temp.file("data"), temp.file("elsewhere"));
  EXPECT_EQ(held->look(), DataDir::Place::elsewhere);
  EXPECT_FALSE(DataDir::open(temp.file("elsewhere")));
  std::filesystem::rename(temp.file("elsewhere"), temp.file("data"));
  EXPECT_EQ(held->look(), DataDir::Place::as_it_was);
}

// As by a program that knows of no other lock.
TEST(DataDir, SaysThatAnotherProcessHasTakenItsLockFile) {
  const TempDir temp;
  auto held = DataDir::open(temp.path());
  ASSERT_TRUE(held);
  std::filesystem::remove(temp.file("lock"));
  const FileDescriptor other(::open(temp.file("lock").c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(held->look(), DataDir::Place::taken);
}

TEST(DataDir, GoesWithTheStartThatHasMadeIt) {
  const TempDir temp;
  {
    const auto dir = DataDir::open(temp.file("a/b"));
    ASSERT_TRUE(dir);
    std::ofstream(temp.file("a/b/key")) << "of this start";
  }
  EXPECT_FALSE(std::filesystem::exists(temp.file("a")));
  {
    auto dir = DataDir::open(temp.file("a/b"));
    ASSERT_TRUE(dir);
    std::ofstream(temp.file("a/b/key")) << "of this start";
    dir->keep();
  }
  EXPECT_TRUE(std::filesystem::exists(temp.file("a/b/key")));
  {
    const auto again = DataDir::open(temp.file("a/b"));
  }
  EXPECT_TRUE(std::filesystem::exists(temp.file("a/b/key"))) << "what was there before stays";
}

TEST(DataDir, SaysWhoMayNotWriteThere) {
  const TempDir temp;
  const bool root = ::geteuid() == 0;
  ASSERT_EQ(::chmod(temp.path().c_str(), 0555), 0);
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto made = DataDir::open(temp.file("new/dir"));
  const auto there = DataDir::open(temp.path());
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_EQ(::chmod(temp.path().c_str(), 0755), 0);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "the data directory " + temp.file("new") + " cannot be made: Permission denied");
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().message,
            "the data directory " + temp.path() + " cannot be written to: Permission denied");
  for (const auto* refused : {&made, &there}) {
    EXPECT_NE(refused->error().hint.find("--data-dir"), std::string::npos);
  }
}

TEST(DataDir, RefusesAFile) {
  const TempDir temp;
  std::ofstream(temp.file("file")) << "x";
  const auto dir = DataDir::open(temp.file("file"));
  ASSERT_FALSE(dir);
  EXPECT_NE(dir.error().message.find(temp.file("file")), std::string::npos);
}

TEST(KeyFile, IsMadeOnceForTheOwnerOnly) {
  const TempDir temp;
  SeededRandom random(7);
  const auto made = load_or_create_key(temp.path(), random);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(mode_of(temp.file("key")), 0600U);
  EXPECT_EQ(std::filesystem::file_size(temp.file("key")), 32U);
  EXPECT_FALSE(std::filesystem::exists(temp.file("key.new")));

  const auto read = load_or_create_key(temp.path(), random);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, *made);
  const TempDir other;
  EXPECT_NE(*load_or_create_key(other.path(), random), *made);
}

TEST(KeyFile, IsRefusedWhenOthersMayReadIt) {
  const TempDir temp;
  SeededRandom random(7);
  ASSERT_TRUE(load_or_create_key(temp.path(), random));
  ASSERT_EQ(::chmod(temp.file("key").c_str(), 0640), 0);
  const auto refused = load_or_create_key(temp.path(), random);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the key file " + temp.file("key") + " is open to other users (mode 0640)");
  EXPECT_EQ(refused.error().hint, "run: chmod 600 " + temp.file("key"));
}

TEST(KeyFile, IsRefusedWithAnotherSize) {
  const TempDir temp;
  SeededRandom random(7);
  for (const std::size_t size : {0U, 31U, 33U}) {
    std::ofstream(temp.file("key")) << std::string(size, 'k');
    ASSERT_EQ(::chmod(temp.file("key").c_str(), 0600), 0);
    const auto refused = load_or_create_key(temp.path(), random);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "the key file " + temp.file("key") + " has " +
                                           std::to_string(size) + " bytes instead of 32");
  }
}

TEST(KeyFile, OverwritesTheDraftOfACrash) {
  const TempDir temp;
  SeededRandom random(7);
  std::ofstream(temp.file("key.new")) << "half";
  EXPECT_TRUE(load_or_create_key(temp.path(), random));
  EXPECT_FALSE(std::filesystem::exists(temp.file("key.new")));
}

}  // namespace
}  // namespace rogerthat::store
