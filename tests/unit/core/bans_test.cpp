#include "core/bans.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "core/audit.h"

namespace rogerthat::core {
namespace {

AddressBytes v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}
AddressBytes v6(std::initializer_list<std::uint8_t> leading, std::uint8_t last) {
  AddressBytes out{};
  std::ranges::copy(leading, out.begin());
  out[15] = last;
  return out;
}

Ban ban_of(Network network, std::string name, std::string channel = {}) {
  return {{TargetKind::address, std::move(name), network, std::move(channel)}, "", 1};
}
Ban ban_of(TargetKind kind, std::string name, std::string channel = {}) {
  return {{kind, std::move(name), {}, std::move(channel)}, "", 1};
}

TEST(Networks, ContainWhatSharesTheirLeadingBits) {
  const Network network = counted_network(v4(203, 0, 113, 200), 96 + 25);
  EXPECT_EQ(network.base, v4(203, 0, 113, 128));
  EXPECT_TRUE(network.contains(v4(203, 0, 113, 129)));
  EXPECT_FALSE(network.contains(v4(203, 0, 113, 127)));
  EXPECT_FALSE(network.contains(v4(203, 0, 114, 129)));
  const Network one = counted_network(v4(203, 0, 113, 7), 128);
  EXPECT_TRUE(one.contains(v4(203, 0, 113, 7)));
  EXPECT_FALSE(one.contains(v4(203, 0, 113, 6)));
}

TEST(Networks, OfIPv6AreAtLeastWhatOneCallerHas) {
  const Network network = counted_network(v6({0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 3}, 4), 128);
  EXPECT_EQ(network.prefix, 64);
  EXPECT_TRUE(network.contains(v6({0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2}, 99)));
  EXPECT_FALSE(network.contains(v6({0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 3}, 99)));
  EXPECT_EQ(counted_network(v6({0x20, 0x01}, 0), 16).prefix, 16);
}

TEST(Networks, OfIPv6ContainNoIPv4ThoughItsMappedFormLiesInThem) {
  const Network around_loopback = counted_network(v6({}, 1), 128);
  EXPECT_EQ(around_loopback.prefix, 64);
  EXPECT_TRUE(around_loopback.contains(v6({}, 7)));
  EXPECT_FALSE(around_loopback.contains(v4(192, 0, 2, 1)));
  const Network mapped = counted_network(v4(192, 0, 2, 0), 120);
  EXPECT_TRUE(mapped.contains(v4(192, 0, 2, 200)));
}

TEST(Bans, OfAnAddressAreFoundByAnyOfTheirNetworks) {
  BanBook book;
  ASSERT_TRUE(book.put(ban_of(counted_network(v4(10, 0, 0, 0), 96 + 8), "10.0.0.0/8")));
  ASSERT_TRUE(book.put(ban_of(counted_network(v4(192, 0, 2, 7), 128), "192.0.2.7")));
  ASSERT_TRUE(book.put(ban_of(counted_network(v4(192, 0, 2, 0), 96 + 24), "192.0.2.0/24", "den")));
  ASSERT_TRUE(book.put(ban_of(counted_network(v6({}, 1), 128), "::/64")));
  EXPECT_EQ(book.addresses(), 4u);
  EXPECT_NE(book.find_address(v4(10, 9, 8, 7), ""), nullptr);
  EXPECT_NE(book.find_address(v4(192, 0, 2, 7), ""), nullptr);
  EXPECT_EQ(book.find_address(v4(192, 0, 2, 8), ""), nullptr);
  EXPECT_NE(book.find_address(v4(192, 0, 2, 8), "den"), nullptr);
  EXPECT_EQ(book.find_address(v4(192, 0, 2, 8), "lair"), nullptr);
  EXPECT_EQ(book.find_address(v4(11, 0, 0, 1), "den"), nullptr);
  EXPECT_NE(book.find_address(v6({}, 9), ""), nullptr);

  EXPECT_TRUE(book.remove(ban_of(counted_network(v4(10, 0, 0, 0), 104), "10.0.0.0/8").target));
  EXPECT_FALSE(book.remove(ban_of(counted_network(v4(10, 0, 0, 0), 104), "10.0.0.0/8").target));
  EXPECT_EQ(book.find_address(v4(10, 9, 8, 7), ""), nullptr);
  EXPECT_EQ(book.addresses(), 3u);
}

TEST(Bans, OfACallsignAreForWhoeverBearsIt) {
  BanBook book;
  ASSERT_TRUE(book.put(ban_of(TargetKind::callsign, "mallory")));
  ASSERT_TRUE(book.put(ban_of(TargetKind::callsign, "eve", "den")));
  EXPECT_NE(book.find({"den", "mallory", "", {}}), nullptr);
  EXPECT_NE(book.find({"lair", "mallory", "acc_1", {}}), nullptr);
  EXPECT_NE(book.find({"den", "eve", "", {}}), nullptr);
  EXPECT_EQ(book.find({"lair", "eve", "", {}}), nullptr);
  EXPECT_EQ(book.find({"den", "alice", "", {}}), nullptr);
}

TEST(Bans, OfAnIdentityAreForTheHolderOfItsKey) {
  BanBook book;
  ASSERT_TRUE(book.put(ban_of(TargetKind::identity, "mallory")));
  ASSERT_TRUE(book.put(ban_of(TargetKind::identity, "acc_7", "den")));
  EXPECT_NE(book.find({"den", "mallory", "acc_1", {}}), nullptr);
  EXPECT_EQ(book.find({"den", "mallory", "", {}}), nullptr);
  EXPECT_NE(book.find({"den", "anything", "acc_7", {}}), nullptr);
  EXPECT_EQ(book.find({"lair", "anything", "acc_7", {}}), nullptr);
}

TEST(Bans, AnAddressThatIsNotKnownIsNobodys) {
  BanBook book;
  ASSERT_TRUE(book.put(ban_of(counted_network(v6({}, 1), 128), "::/64")));
  EXPECT_EQ(book.find({"den", "ann", "", {}}), nullptr);
  EXPECT_FALSE(
      means(ban_of(counted_network(v6({}, 1), 128), "::/64").target, {"den", "ann", "", {}}));
}

// What means() says of one ban is what the book finds among many.
TEST(Bans, TheBookAgreesWithEachOfItsBans) {
  SeededRandom random(11);
  const auto name = [&] { return std::string(1, static_cast<char>('a' + random.below(4))); };
  const auto place = [&] { return random.below(2) == 0 ? std::string() : name(); };
  const auto address = [&]() -> AddressBytes {
    const auto byte = [&] { return static_cast<std::uint8_t>(random.below(3)); };
    return random.below(2) == 0 ? v4(10, byte(), byte(), byte())
                                : v6({0x20, byte(), byte()}, byte());
  };
  for (int round = 0; round < 300; ++round) {
    BanBook book;
    std::vector<Target> targets;
    for (int i = 0; i < 6; ++i) {
      Target target{static_cast<TargetKind>(random.below(3)), name(), {}, place()};
      if (target.kind == TargetKind::address) {
        target.network = counted_network(address(), static_cast<std::uint8_t>(random.below(129)));
        target.name = std::to_string(round) + "/" + std::to_string(i);
      }
      ASSERT_TRUE(book.put({target, "", 1}));
      targets.push_back(target);
    }
    const std::size_t gone = random.below(targets.size());
    book.remove(targets[gone]);
    const std::string key = target_key(targets[gone]);
    std::erase_if(targets, [&](const Target& target) { return target_key(target) == key; });
    for (int i = 0; i < 20; ++i) {
      const std::string channel = name(), callsign = name(), account = place();
      const Party party{channel, callsign, account, address()};
      const bool expected =
          std::ranges::any_of(targets, [&](const Target& target) { return means(target, party); });
      EXPECT_EQ(book.find(party) != nullptr, expected);
    }
  }
}

TEST(Bans, AreReplacedAndBounded) {
  BanBook book;
  Ban ban = ban_of(TargetKind::callsign, "mallory");
  ASSERT_TRUE(book.put(ban));
  ban.reason = "again";
  ASSERT_TRUE(book.put(ban));
  EXPECT_EQ(book.size(), 1u);
  EXPECT_EQ(book.find({"den", "mallory", "", {}})->reason, "again");
  for (std::size_t i = 1; i < kBansMax; ++i) {
    ASSERT_TRUE(book.put(ban_of(TargetKind::callsign, "m" + std::to_string(i))));
  }
  EXPECT_FALSE(book.put(ban_of(TargetKind::callsign, "one-more")));
  EXPECT_TRUE(book.put(ban));
}

TEST(Bans, AreListedNewestFirst) {
  BanBook book;
  Ban first = ban_of(TargetKind::callsign, "a"), second = ban_of(TargetKind::callsign, "b");
  second.created_at = 2;
  ASSERT_TRUE(book.put(first));
  ASSERT_TRUE(book.put(second));
  const auto all = book.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]->target.name, "b");
}

TEST(Bans, SayWhomWhereAndWhy) {
  Ban ban = ban_of(TargetKind::callsign, "mallory", "den");
  ban.reason = "flooding";
  const Error error = refusal(ban);
  EXPECT_EQ(error.code, ErrorCode::forbidden);
  EXPECT_EQ(error.message,
            "The operator has banned callsign mallory from this channel. Reason: flooding");
  EXPECT_FALSE(error.hint.empty());
  const Error address = refusal(ban_of(counted_network(v4(10, 0, 0, 1), 128), "10.0.0.1"));
  EXPECT_EQ(address.message, "The operator has banned your address.");
}

TEST(Bans, AReasonIsOneShortLine) {
  EXPECT_TRUE(check_reason(""));
  EXPECT_TRUE(check_reason(std::string(kReasonCodePointsMax, 'x')));
  EXPECT_FALSE(check_reason(std::string(kReasonCodePointsMax + 1, 'x')));
  EXPECT_FALSE(check_reason("two\nlines"));
}

TEST(AuditLog, NumbersItsEntriesAndLetsTheOldestGo) {
  AuditLog log;
  AuditEntry kept;
  kept.no = 41;
  log.put(kept);  // of an earlier life
  AuditEntry entry;
  EXPECT_FALSE(log.append(entry));
  EXPECT_EQ(entry.no, 42u);
  for (std::size_t i = 2; i < AuditLog::kMax; ++i) EXPECT_FALSE(log.append(entry));
  EXPECT_EQ(log.append(entry), std::optional<std::uint64_t>(41));
  EXPECT_EQ(log.size(), AuditLog::kMax);
  const auto newest = log.newest(2, entry.no);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0]->no, entry.no - 1);
  EXPECT_EQ(newest[1]->no, entry.no - 2);
}

}  // namespace
}  // namespace rogerthat::core
