// Channels hold no more than they may: who lets go of what, and that the sums are right.
#include <algorithm>

#include "core/names.h"
#include "hub/weight_classes.h"
#include "shard_scene.h"

namespace rogerthat::hub {
namespace {

TEST(WeightClasses, finds_the_heaviest_within_a_fifth) {
  WeightClasses classes;
  SeededRandom random(7);
  std::vector<std::size_t> weights(50);
  for (int round = 0; round < 5000; ++round) {
    const auto thing = static_cast<std::uint32_t>(random.below(weights.size()));
    weights[thing] = random.below(4) == 0 ? 0 : random.below(std::uint64_t{1} << random.below(30));
    classes.set(thing, weights[thing]);
    std::optional<std::uint32_t> found;
    classes.heaviest_first([&](std::uint32_t heavy) {
      found = heavy;
      return true;
    });
    const std::size_t most = std::ranges::max(weights);
    ASSERT_EQ(found.has_value(), most > 0);
    if (most < 256) continue;
    EXPECT_GE(weights[*found] * 5, most * 4);
    EXPECT_LE(WeightClasses::class_begins(weights[*found]), weights[*found]);
  }
}

constexpr std::size_t kMax = 1 << 20;

class Memory : public ShardScene {
 protected:
  Memory() { shard.set_memory_max(kMax); }

  ChannelEntry& add(const std::string& id, core::ChannelOptions options = {}) {
    core::ChannelRecord record;
    record.id = id;
    record.options = options;
    record.ever_joined = true;
    std::vector<std::unique_ptr<ChannelEntry>> entries;
    entries.push_back(std::make_unique<ChannelEntry>(record, core::Channel(options, 0, 0)));
    shard.adopt(std::move(entries), now.wall + kHour, 0);
    ChannelEntry* const added = options.inbox ? shard.find_inbox(id.substr(3)) : shard.find(id);
    return *added;
  }
  static core::SessionNo join(Shard& shard, ChannelEntry& to) {
    core::JoinCommand command;
    command.callsign = "alpha";
    core::SessionNo session = core::kNone;
    shard.join(to, std::move(command), [&](Result<JoinReply> reply) { session = reply->session; });
    shard.flush();
    shard.committed(1000);
    return session;
  }
  core::MessageId send(ChannelEntry& to, core::SessionNo from, std::size_t bytes,
                       std::size_t attached = 0) {
    SendRequest request;
    request.command.session = from;
    request.command.text = std::string(std::max<std::size_t>(bytes, 1), 'x');
    if (attached > 0) {
      request.command.attachments.push_back({"image/png", std::string(attached, 'A'), "a.png"});
    }
    core::MessageId id = 0;
    shard.send(to, std::move(request), [&](Result<SendReply> reply) { id = reply->id; });
    ++now.wall;
    shard.set_now(now);
    return id;
  }
  // The sums are those of the rings, at every moment.
  void check_sums() {
    std::size_t sum = 0;
    shard.each_channel([&](ChannelEntry& each) { sum += each.channel.ring().bytes(); });
    EXPECT_EQ(shard.holdings().total(), sum);
    EXPECT_LE(sum, kMax);
  }
};

TEST_F(Memory, is_taken_from_the_fattest_ring_and_its_readers_are_told) {
  ChannelEntry& fat = add("fat");
  ChannelEntry& thin = add("thin");
  const core::SessionNo in_fat = join(shard, fat);
  const core::SessionNo in_thin = join(shard, thin);
  core::JoinCommand reader;
  reader.callsign = "bravo";
  core::SessionNo bravo = core::kNone;
  shard.join(fat, std::move(reader), [&](Result<JoinReply> reply) { bravo = reply->session; });
  for (int i = 0; i < 10; ++i) send(thin, in_thin, 8000);
  std::int64_t sent = 0;
  for (; sent < 99 && shard.stats().evicted_messages == 0; ++sent) {
    send(fat, in_fat, 8000);
    send(*entry, join(shard, *entry), 8000);
    check_sums();
  }
  EXPECT_GT(shard.stats().evicted_messages, 0u);
  EXPECT_EQ(thin.channel.ring().size(), 10u);
  while (fat.channel.ring().dropped_through() == 0) send(fat, in_fat, 8000), ++sent;
  const core::Pending pending =
      fat.channel.pending(fat.channel.session(bravo).member, fat.channel.cursor(bravo), false);
  ASSERT_TRUE(pending.gap);
  EXPECT_EQ(pending.gap->dropped, sent - static_cast<std::int64_t>(pending.messages.size()));
  check_sums();
}

TEST_F(Memory, is_taken_from_attachments_of_idle_channels_first) {
  ChannelEntry& idle = add("idle");
  send(idle, join(shard, idle), 100, 300'000);
  now.wall += 10 * kMinute;
  shard.set_now(now);
  ChannelEntry& busy = add("busy");
  const core::SessionNo in_busy = join(shard, busy);
  send(busy, in_busy, 100, 400'000);
  send(busy, in_busy, 100, 400'000);
  check_sums();
  EXPECT_EQ(shard.stats().evicted_attachments, 1u);
  EXPECT_EQ(shard.stats().evicted_messages, 0u);
  ASSERT_EQ(idle.channel.ring().size(), 1u);
  const core::Attachment& attachment = idle.channel.ring().at(0).extras->attachments[0];
  EXPECT_TRUE(attachment.dropped);
  EXPECT_TRUE(attachment.data_base64.empty());
  EXPECT_EQ(attachment.filename, "a.png");
}

TEST_F(Memory, of_removed_channels_counts_no_more) {
  ChannelEntry& fat = add("fat");
  send(fat, join(shard, fat), 8000, 10'000);
  EXPECT_GT(shard.stats().held_attachments, 10'000u);
  shard.remove(fat);
  EXPECT_EQ(shard.holdings().total(), 0u);
}

TEST_F(Memory, of_inboxes_is_taken_from_no_message_that_is_unread) {
  core::ChannelOptions options;
  options.inbox = options.durable = options.require_identity = true;
  options.ring_size = core::kInboxSize;
  const auto write = [&](ChannelEntry& inbox, const std::string& to) {
    SendRequest request;
    request.command.from = inbox.channel.sender("carol", now);
    request.command.to = to;
    request.command.text = std::string(8000, 'x');
    inbox.channel.addressee(to);
    std::optional<ErrorCode> refused;
    shard.send(inbox, std::move(request), [&](Result<SendReply> reply) {
      if (!reply) refused = reply.error().code;
    });
    shard.flush();
    shard.committed(100'000);
    ++now.wall;
    shard.set_now(now);
    return refused;
  };
  ChannelEntry& full = add("dm:full", options);
  std::size_t accepted = 0;
  while (!write(full, "full")) ASSERT_LT(++accepted, 200u);
  EXPECT_LE(full.channel.ring().bytes(), kMax / 2 + 10'000);
  EXPECT_EQ(full.channel.ring().size(), accepted);
  ChannelEntry& other = add("dm:other", options);
  EXPECT_FALSE(write(other, "other")) << "one that holds little takes more";
  full.channel.acknowledge(full.channel.find_member("full"), full.channel.last_id(), now);
  EXPECT_FALSE(write(full, "full")) << "what has been read makes room";
  EXPECT_EQ(full.channel.ring().size(), 1u);
  check_sums();
}

}  // namespace
}  // namespace rogerthat::hub
