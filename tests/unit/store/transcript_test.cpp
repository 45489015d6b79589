#include <algorithm>

#include "store_support.h"

namespace rogerthat::store {
namespace {

using Type = core::TranscriptEntry::Type;

TEST(Transcript, KeepsEveryFieldAndGivesTheNewestOldestFirst) {
  const TempDir temp;
  Remembering listener;
  const auto store = open_store(temp.path());
  store->start(listener);
  store->append(channels_batch(2));
  Batch batch;
  batch.ticket = 2;
  TranscriptRow created;
  created.channel = 1;
  created.entry.type = Type::channel_created;
  created.entry.ts = 1;
  created.entry.text = "full";
  TranscriptRow meta = message_line(1, "alpha", "hi");
  meta.entry.type = Type::message_meta;
  meta.entry.ts = 3;
  meta.entry.id = 77;
  meta.entry.to = "bravo";
  meta.entry.bytes = 2;
  batch.transcript = {created, join_line(1, "alpha"), join_line(2, "other"), meta};
  store->append(std::move(batch));
  store->flush();

  const auto all = store->transcript(1, 100);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].type, Type::channel_created);
  EXPECT_EQ((*all)[0].text, "full");
  EXPECT_EQ((*all)[1].who, "alpha");
  const core::TranscriptEntry& last = (*all)[2];
  EXPECT_EQ(last.type, Type::message_meta);
  EXPECT_EQ(last.ts, 3);
  EXPECT_EQ(last.id, 77);
  EXPECT_EQ(last.to, "bravo");
  EXPECT_EQ(last.text, "hi");
  EXPECT_EQ(last.bytes, 2U);

  const auto newest = store->transcript(1, 2);
  ASSERT_EQ(newest->size(), 2U);
  EXPECT_EQ((*newest)[0].type, Type::join);
  EXPECT_TRUE(store->transcript(99, 10)->empty());
}

TEST(Transcript, NamesWhoHasSpokenOnChannelsThatKeepPrompts) {
  const TempDir temp;
  {
    Remembering listener;
    const auto store = open_store(temp.path());
    store->start(listener);
    Batch batch;
    batch.put_channels = {channel_record(1, core::Retention::prompts),
                          channel_record(2, core::Retention::full)};
    batch.transcript = {message_line(1, "alpha", "a"), message_line(1, "alpha", "b"),
                        message_line(1, "bravo", "c"), message_line(2, "charlie", "d"),
                        join_line(1, "delta")};
    store->append(std::move(batch));
  }
  Recovered recovered = reopen_and_load(temp.path());
  std::ranges::sort(recovered.senders);
  const std::vector<std::pair<core::ChannelNo, std::string>> expected = {{1, "alpha"},
                                                                         {1, "bravo"}};
  EXPECT_EQ(recovered.senders, expected);
}

class TranscriptBounds : public testing::Test {
 protected:
  static constexpr std::uint64_t kBound = 200'000;
  static constexpr std::size_t kLineWeight = 64 + 1 + 3 + 1000;

  void open() {
    store = open_store(temp.path(), kBound);
    store->start(listener);
  }
  // Lines "0001...", "0002..." and so on, of the same weight.
  void append_lines(core::ChannelNo channel, int first, int last) {
    Batch batch;
    for (int i = first; i <= last; ++i) {
      std::string text = std::to_string(10'000 + i);
      text.resize(1000, '.');
      batch.transcript.push_back(message_line(channel, "a", text));
    }
    store->append(std::move(batch));
  }
  std::vector<core::TranscriptEntry> lines(core::ChannelNo channel) {
    return *store->transcript(channel, 10'000);
  }

  const TempDir temp;
  Remembering listener;
  std::unique_ptr<SqliteStore> store;
};

TEST_F(TranscriptBounds, PushesOutTheOldestLines) {
  open();
  store->append(channels_batch(2));
  append_lines(2, 1, 50);
  for (int first = 1; first <= 901; first += 100) append_lines(1, first, first + 99);
  store->settle();
  const auto kept = lines(1);
  EXPECT_LE(kept.size() * kLineWeight, kBound);
  EXPECT_GE(kept.size() * kLineWeight, kBound * 7 / 8);
  EXPECT_EQ(kept.back().text.substr(0, 5), "11000");
  EXPECT_EQ(kept.front().text.substr(0, 5), std::to_string(11'001 - kept.size()));
  EXPECT_EQ(lines(2).size(), 50U);
}

TEST_F(TranscriptBounds, CountWhatWasThereBefore) {
  open();
  store->append(channels_batch(1));
  append_lines(1, 1, 180);
  store.reset();
  open();
  EXPECT_EQ(lines(1).size(), 180U);
  append_lines(1, 181, 190);
  store->settle();
  EXPECT_LE(lines(1).size() * kLineWeight, kBound);
  EXPECT_EQ(lines(1).back().text.substr(0, 5), "10190");
}

}  // namespace
}  // namespace rogerthat::store
