// Bans, the audit log and the standdown over several shards that take turns as a seed says, with
// disks that refuse and crashes in between.
#include "hub/bans.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/names.h"
#include "hub/end_sessions.h"
#include "hub/stop_everybody.h"
#include "seeded_hub.h"

namespace rogerthat::hub {
namespace {

constexpr core::AddressBytes kElsewhere = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7};

core::Target callsign(std::string name, std::string channel = {}) {
  return {core::TargetKind::callsign, std::move(name), {}, std::move(channel)};
}
core::Target address() {
  return {core::TargetKind::address, "192.0.2.7", core::counted_network(kElsewhere, 128), {}};
}

class House {
 public:
  explicit House(std::uint64_t seed) : random_(seed), hub(random_, 3) {
    for (int i = 0; i < 6; ++i) channels.push_back(create(i % 2 == 0));
    hub.settle();
    for (const std::string& channel : channels) {
      for (const char* name : {"ann", "bob"}) EXPECT_TRUE(join(channel, name));
    }
    hub.settle();
  }

  Shard& home(const std::string& channel) { return hub->shard(hub->shard_of_channel(channel)); }

  std::string create(bool durable) {
    const std::uint32_t shard = hub.any_shard();
    core::ChannelOptions options;
    options.durable = durable;
    std::string token;
    const core::ChannelRecord record = hub->new_channel(options, shard, token);
    hub.post(shard, [this, shard, record] {
      hub->shard(shard).create(record, [](const Result<ChannelEntry*>&) {});
    });
    return record.id;
  }

  bool join(const std::string& channel, const std::string& name,
            const core::AddressBytes& from = {}) {
    std::optional<bool> joined;
    core::JoinCommand command;
    command.callsign = name;
    command.address = from;
    Shard& shard = home(channel);
    shard.join(*shard.find(channel), std::move(command),
               [&](const Result<JoinReply>& reply) { joined = reply.has_value(); });
    hub.settle();
    return joined.value_or(false);
  }

  bool online(const std::string& channel, const std::string& name) {
    const core::Channel& on = home(channel).find(channel)->channel;
    const core::MemberNo member = on.find_member(name);
    return member != core::kNone && on.online(member);
  }
  std::size_t sessions() {
    std::size_t sum = 0;
    for (const std::string& channel : channels) {
      sum += home(channel).find(channel)->channel.agent_count();
    }
    return sum;
  }

  SeededRandom random_;
  SeededHub hub;
  std::vector<std::string> channels;
};

TEST(HubBans, EndEverySessionThatTheyAreForAndNoOther) {
  House house(1);
  ASSERT_TRUE(house.join(house.channels[2], "eve", kElsewhere));
  std::optional<std::size_t> ended;
  house.hub->bans().put(0, {callsign("ann"), "", 0}, {},
                        [&](const Result<std::size_t>& n) { ended = *n; });
  house.hub.settle();
  EXPECT_EQ(ended, house.channels.size());
  for (const std::string& channel : house.channels) {
    EXPECT_FALSE(house.online(channel, "ann"));
    EXPECT_TRUE(house.online(channel, "bob"));
    EXPECT_FALSE(house.join(channel, "ann"));
  }
  house.hub->bans().put(0, {address(), "", 0}, {},
                        [&](const Result<std::size_t>& n) { ended = *n; });
  house.hub.settle();
  EXPECT_EQ(ended, 1u);
  EXPECT_FALSE(house.online(house.channels[2], "eve"));
  // Whoever was let in before the ban, and joins only now.
  EXPECT_FALSE(house.join(house.channels[0], "eve", kElsewhere));
  EXPECT_TRUE(house.join(house.channels[0], "eve"));
}

TEST(HubBans, OfOneChannelLeaveTheOthersAlone) {
  House house(2);
  house.hub->bans().put(1, {callsign("ann", house.channels[0]), "", 0}, {},
                        [](const Result<std::size_t>&) {});
  house.hub.settle();
  EXPECT_FALSE(house.online(house.channels[0], "ann"));
  EXPECT_TRUE(house.online(house.channels[1], "ann"));
}

TEST(HubBans, ACrashLeavesNoSessionOfSomebodyWhoIsBanned) {
  std::size_t acknowledged = 0, there = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    House house(seed);
    bool done = false;
    house.hub->bans().put(house.hub.any_shard(), {callsign("ann"), "why", 0}, {},
                          [&](const Result<std::size_t>&) { done = true; });
    for (std::uint64_t steps = house.random_.below(200); steps > 0; --steps) house.hub.step();
    house.hub.crash();
    house.hub.settle();
    const bool banned = house.hub->bans().of({{}, "ann", {}, {}}).has_value();
    EXPECT_TRUE(banned || !done) << seed;
    for (const std::string& channel : house.channels) {
      EXPECT_FALSE(banned && house.online(channel, "ann")) << seed;
    }
    const std::size_t entries =
        house.hub->audit().read([](const core::AuditLog& log) { return log.size(); });
    EXPECT_EQ(entries, banned ? 1u : 0u) << seed;
    acknowledged += done ? 1 : 0;
    there += banned ? 1 : 0;
  }
  EXPECT_GT(acknowledged, 0u);
  EXPECT_GT(there, acknowledged) << "some crashes came between the record and the answer";
}

TEST(HubBans, CountAlsoWhereTheDiskRefuses) {
  House house(3);
  std::optional<ErrorCode> refused;
  house.hub->bans().put(0, {callsign("ann"), "", 0}, {}, [&](const Result<std::size_t>& n) {
    if (!n) refused = n.error().code;
  });
  while (!house.hub->bans().of({{}, "ann", {}, {}})) house.hub.run_next(0);
  house.hub.refuse_disk();
  while (house.hub.run_next(0) || house.hub.run_next(1) || house.hub.run_next(2)) continue;
  EXPECT_EQ(refused, ErrorCode::unavailable);
  for (const std::string& channel : house.channels) EXPECT_FALSE(house.online(channel, "ann"));
  house.hub.settle();
  house.hub.crash();
  house.hub.settle();
  EXPECT_TRUE(house.hub->bans().of({{}, "ann", {}, {}}));
}

TEST(HubAudit, AnActIsEnteredAlsoWhereTheDiskRefuses) {
  House house(4);
  house.hub.refuse_disk();
  while (house.hub.run_next(0) || house.hub.run_next(1) || house.hub.run_next(2)) continue;
  bool answered = false;
  core::AuditEntry entry;
  entry.act = core::Act::kick;
  house.hub->audit().add(1, entry, [&] { answered = true; });
  while (house.hub.run_next(0) || house.hub.run_next(1) || house.hub.run_next(2)) continue;
  EXPECT_TRUE(answered);
  house.hub.settle();
  house.hub->audit().add(2, entry, [] {});
  house.hub.settle();
  house.hub.crash();
  house.hub.settle();
  house.hub->audit().read([](const core::AuditLog& log) {
    const auto entries = log.newest(10, 100);
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0]->no, 2u);
    EXPECT_EQ(entries[1]->no, 1u);
  });
}

TEST(Standdowns, ReachEveryChannelAndEndItsSessions) {
  for (const bool disk : {true, false}) {
    House house(5);
    if (!disk) {
      house.hub.refuse_disk();
      while (house.hub.run_next(0) || house.hub.run_next(1) || house.hub.run_next(2)) continue;
    }
    std::optional<StoodDown> done;
    stand_down(*house.hub, 2, {{}, "standdown: all", "because"},
               [&](StoodDown result) { done = result; });
    if (disk) house.hub.settle();
    while (house.hub.run_next(0) || house.hub.run_next(1) || house.hub.run_next(2)) continue;
    ASSERT_TRUE(done);
    EXPECT_EQ(done->channels, house.channels.size());
    EXPECT_EQ(done->sessions, 2 * house.channels.size());
    EXPECT_EQ(house.sessions(), 0u);
    for (const std::string& channel : house.channels) {
      const core::Channel& on = house.home(channel).find(channel)->channel;
      if (!disk && on.options().durable) continue;  // it could not be stored there
      const auto said = on.history(1, core::kNone);
      ASSERT_EQ(said.size(), 1u);
      EXPECT_EQ(said[0]->text, "standdown: all");
      EXPECT_EQ(on.callsign_of(said[0]->from), core::kOperatorCallsign);
    }
  }
}

TEST(Endings, OfAKickAreRememberedWithTheReasonAndLetThemComeBack) {
  House house(6);
  std::size_t ended = 0;
  const core::Channel& on = house.home(house.channels[1]).find(house.channels[1])->channel;
  const std::string id = on.session(on.member(on.find_member("ann")).session).id;
  end_sessions(*house.hub, 0, {callsign("ann", house.channels[1]), EndReason::kicked, "too loud"},
               [&](std::size_t n) { ended = n; });
  house.hub.settle();
  EXPECT_EQ(ended, 1u);
  const auto gone = on.find_session(id, house.hub.now());
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::session_expired);
  EXPECT_EQ(gone.error().message, "The operator has ended this session. Reason: too loud");
  EXPECT_TRUE(house.join(house.channels[1], "ann"));
}

}  // namespace
}  // namespace rogerthat::hub
