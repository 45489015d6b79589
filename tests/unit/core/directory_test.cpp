#include "core/directory.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace rogerthat::core {
namespace {

Digest hash(std::string_view secret) {
  return sha256(secret);
}

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() { directory.apply(directory.create_account(made("acc-1", "1"), now)); }

  static NewAccount made(std::string id, const std::string& secret) {
    return {std::move(id), hash("recovery" + secret), hash("session" + secret)};
  }
  std::string identity(std::string_view account, std::optional<std::string_view> callsign,
                       const std::string& key, HandlePolicy policy = HandlePolicy::free) {
    const auto made = directory.create_identity(account, callsign, hash(key), policy, random, now);
    EXPECT_TRUE(made) << made.error().message;
    if (!made) return {};
    directory.apply(made->changes);
    return made->callsign;
  }

  Directory directory;
  SeededRandom random{1};
  Millis now = 1'000 * kDay;
};

TEST_F(DirectoryTest, ASessionOpensItsAccountUntilItHasNotBeenUsedForThirtyDays) {
  ASSERT_NE(directory.find_session(hash("session1"), now), nullptr);
  EXPECT_EQ(directory.find_session(hash("session1"), now)->id, "acc-1");
  EXPECT_EQ(directory.find_session(hash("another"), now), nullptr);
  EXPECT_NE(directory.find_session(hash("session1"), now + 30 * kDay), nullptr);
  EXPECT_EQ(directory.find_session(hash("session1"), now + 30 * kDay + 1), nullptr);

  const auto used = directory.session_used(hash("session1"), now + 20 * kDay);
  ASSERT_TRUE(used);
  directory.apply(*used);
  EXPECT_NE(directory.find_session(hash("session1"), now + 50 * kDay), nullptr);
}

TEST_F(DirectoryTest, ASessionIsNotWrittenAgainForEveryUse) {
  EXPECT_FALSE(directory.session_used(hash("session1"), now + kMinute));
  EXPECT_FALSE(directory.session_used(hash("unknown"), now + kDay));
}

TEST_F(DirectoryTest, RecoveryKeepsOtherSessionsUnlessAskedToRevokeThem) {
  auto recovered = directory.recover(hash("recovery1"), hash("session2"), false, now);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->account, "acc-1");
  directory.apply(recovered->changes);
  EXPECT_NE(directory.find_session(hash("session1"), now), nullptr);
  EXPECT_NE(directory.find_session(hash("session2"), now), nullptr);

  recovered = directory.recover(hash("recovery1"), hash("session3"), true, now);
  ASSERT_TRUE(recovered);
  directory.apply(recovered->changes);
  EXPECT_EQ(directory.find_session(hash("session1"), now), nullptr);
  EXPECT_EQ(directory.find_session(hash("session2"), now), nullptr);
  EXPECT_NE(directory.find_session(hash("session3"), now), nullptr);
}

TEST_F(DirectoryTest, AWrongRecoveryTokenIsUnauthorized) {
  const auto recovered = directory.recover(hash("session1"), hash("s"), false, now);
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, ErrorCode::unauthorized);
}

TEST_F(DirectoryTest, SessionsAreBoundedAndTheOneUsedLongestAgoGoesFirst) {
  for (std::size_t i = 0; i < kAccountSessionsMax; ++i) {
    ++now;
    directory.apply(
        directory.recover(hash("recovery1"), hash("s" + std::to_string(i)), false, now)->changes);
  }
  EXPECT_EQ(directory.find_session(hash("session1"), now), nullptr);
  EXPECT_NE(directory.find_session(hash("s0"), now), nullptr);
  EXPECT_EQ(directory.find_account("acc-1")->sessions.size(), kAccountSessionsMax);
}

TEST_F(DirectoryTest, AHandleIsUniqueOnTheServerAndNeverReissued) {
  directory.apply(directory.create_account(made("acc-2", "2"), now));
  EXPECT_EQ(identity("acc-1", "alpha", "key-a"), "alpha");
  const auto again =
      directory.create_identity("acc-2", "alpha", hash("key-b"), HandlePolicy::free, random, now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::callsign_taken);

  directory.apply(*directory.remove_identity("acc-1", "alpha"));
  EXPECT_EQ(directory.find_key(hash("key-a")), nullptr);
  EXPECT_EQ(directory.find_identity("alpha"), nullptr);
  EXPECT_FALSE(
      directory.create_identity("acc-1", "alpha", hash("key-c"), HandlePolicy::free, random, now));
}

TEST_F(DirectoryTest, WithoutACallsignOrWhereThePolicySaysSoOneIsAllotted) {
  EXPECT_NE(identity("acc-1", std::nullopt, "k1"), "");
  const std::string allotted = identity("acc-1", "vanity", "k2", HandlePolicy::random);
  EXPECT_NE(allotted, "vanity");
  EXPECT_FALSE(directory.is_taken("vanity"));
}

TEST_F(DirectoryTest, ARotatedKeyEndsTheOldOne) {
  identity("acc-1", "alpha", "old");
  directory.apply(*directory.rotate_identity("acc-1", "alpha", hash("new")));
  EXPECT_EQ(directory.find_key(hash("old")), nullptr);
  ASSERT_NE(directory.find_key(hash("new")), nullptr);
  EXPECT_EQ(directory.find_key(hash("new"))->callsign, "alpha");
}

TEST_F(DirectoryTest, OthersIdentitiesAreOutOfReach) {
  directory.apply(directory.create_account(made("acc-2", "2"), now));
  identity("acc-1", "alpha", "key");
  EXPECT_FALSE(directory.rotate_identity("acc-2", "alpha", hash("x")));
  EXPECT_FALSE(directory.remove_identity("acc-2", "alpha"));
}

TEST_F(DirectoryTest, ARemovedAccountTakesItsSessionsAndIdentitiesAlong) {
  identity("acc-1", "alpha", "key");
  directory.apply(*directory.remove_account("acc-1"));
  EXPECT_EQ(directory.find_account("acc-1"), nullptr);
  EXPECT_EQ(directory.find_session(hash("session1"), now), nullptr);
  EXPECT_FALSE(directory.recover(hash("recovery1"), hash("s"), false, now));
  EXPECT_EQ(directory.find_key(hash("key")), nullptr);
  EXPECT_TRUE(directory.is_taken("alpha"));
  EXPECT_EQ(directory.account_count(), 0U);
}

TEST_F(DirectoryTest, AnAddressIsAttachedByItsCodeWithinFiveTries) {
  directory.apply(*directory.attach_email("acc-1", "a@example.org", hash("111111"), now));
  EXPECT_EQ(directory.find_account("acc-1")->email, "");
  const CodeTried wrong = directory.verify_email("acc-1", hash("000000"), now);
  EXPECT_TRUE(wrong.error);
  directory.apply(wrong.changes);
  const CodeTried right = directory.verify_email("acc-1", hash("111111"), now);
  EXPECT_FALSE(right.error);
  directory.apply(right.changes);
  EXPECT_EQ(directory.find_account("acc-1")->email, "a@example.org");
  EXPECT_TRUE(directory.verify_email("acc-1", hash("111111"), now).error) << "used once";
}

TEST_F(DirectoryTest, AfterFiveWrongCodesTheRightOneIsWrongToo) {
  directory.apply(*directory.attach_email("acc-1", "a@example.org", hash("111111"), now));
  for (unsigned i = 0; i < kEmailCodeTries; ++i) {
    directory.apply(directory.verify_email("acc-1", hash("wrong"), now).changes);
  }
  EXPECT_TRUE(directory.verify_email("acc-1", hash("111111"), now).error);
}

TEST_F(DirectoryTest, ACodeLivesFifteenMinutes) {
  directory.apply(*directory.attach_email("acc-1", "a@example.org", hash("111111"), now));
  EXPECT_TRUE(directory.verify_email("acc-1", hash("111111"), now + kEmailCodeLife + 1).error);
  EXPECT_FALSE(directory.verify_email("acc-1", hash("111111"), now + kEmailCodeLife).error);
}

class EmailRecoveryTest : public DirectoryTest {
 protected:
  EmailRecoveryTest() {
    directory.apply(*directory.attach_email("acc-1", "a@example.org", hash("1"), now));
    directory.apply(directory.verify_email("acc-1", hash("1"), now).changes);
  }
  CodeTried confirm(std::string_view email, std::string_view code) {
    return directory.confirm_email_recovery(email, hash(code), hash("recovery-new"),
                                            hash("session-new"), false, now);
  }
};

TEST_F(EmailRecoveryTest, GivesAFreshRecoveryTokenAndEndsTheOldOne) {
  directory.apply(*directory.begin_email_recovery("a@example.org", hash("2"), now));
  const CodeTried tried = confirm("a@example.org", "2");
  ASSERT_FALSE(tried.error);
  EXPECT_EQ(tried.account, "acc-1");
  directory.apply(tried.changes);
  EXPECT_NE(directory.find_session(hash("session-new"), now), nullptr);
  EXPECT_FALSE(directory.recover(hash("recovery1"), hash("s"), false, now));
  EXPECT_TRUE(directory.recover(hash("recovery-new"), hash("s"), false, now));
}

TEST_F(EmailRecoveryTest, AnUnknownAddressIsAnsweredLikeAWrongCode) {
  EXPECT_FALSE(directory.begin_email_recovery("b@example.org", hash("2"), now));
  directory.apply(*directory.begin_email_recovery("a@example.org", hash("2"), now));
  EXPECT_EQ(confirm("b@example.org", "2").error->message,
            confirm("a@example.org", "3").error->message);
}

TEST_F(EmailRecoveryTest, ACodeForAttachingDoesNotRecover) {
  directory.apply(*directory.attach_email("acc-1", "c@example.org", hash("4"), now));
  EXPECT_TRUE(confirm("a@example.org", "4").error);
  EXPECT_TRUE(confirm("c@example.org", "4").error) << "not verified";
}

TEST_F(EmailRecoveryTest, AnAddressBelongsToTheAccountThatVerifiedItLast) {
  directory.apply(directory.create_account(made("acc-2", "2"), now));
  directory.apply(*directory.attach_email("acc-2", "a@example.org", hash("5"), now));
  directory.apply(directory.verify_email("acc-2", hash("5"), now).changes);
  EXPECT_EQ(directory.find_account("acc-1")->email, "");
  EXPECT_EQ(directory.find_account("acc-2")->email, "a@example.org");
}

TEST(Email, IsTrimmedLoweredAndChecked) {
  EXPECT_EQ(*normalise_email("  Name.X+tag@Example.ORG "), "name.x+tag@example.org");
  for (const char* bad : {"", "a", "a@", "@b.c", "a@b", "a@b@c.d", "a b@c.d", "a@.c", "a@c.",
                          "a@c..d", "a\n@c.d", "<a@c.d>", "a@c.d,e@f.g", "\"a\"@c.d"}) {
    EXPECT_FALSE(normalise_email(bad)) << bad;
  }
}

TEST_F(DirectoryTest, BlockedSendersAreRememberedOnceAndBounded) {
  identity("acc-1", "alpha", "key");
  directory.apply(*directory.block("alpha", "zulu"));
  directory.apply(*directory.block("alpha", "bravo"));
  EXPECT_TRUE(directory.block("alpha", "zulu")->empty());
  EXPECT_EQ(directory.find_identity("alpha")->blocked, (std::vector<std::string>{"bravo", "zulu"}));
  directory.apply(*directory.unblock("alpha", "zulu"));
  EXPECT_TRUE(directory.unblock("alpha", "zulu")->empty());
  EXPECT_EQ(directory.find_identity("alpha")->blocked, std::vector<std::string>{"bravo"});
}

// Random sequences, with a plain model beside the directory: what was revoked opens nothing, what
// was not revoked opens what it should, and a directory rebuilt from its records is the same.
TEST(DirectoryProperty, NothingRevokedEverOpensAnything) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    SeededRandom random(seed);
    Directory directory;
    std::map<std::string, std::string> sessions, recoveries, keys;  // secret -> what it opens
    std::map<std::string, std::string> owner_of;                    // callsign -> account
    std::set<std::string> dead;                                     // revoked secrets
    std::map<std::string, DirectoryChange> stored;
    int secrets = 0;
    const auto secret = [&] { return "secret" + std::to_string(++secrets); };
    const auto apply = [&](const DirectoryChanges& changes) {
      directory.apply(changes);
      for (const auto& change : changes) {
        if (const auto* account = std::get_if<AccountRecord>(&change)) {
          stored.insert_or_assign("a" + account->id, change);
        } else if (const auto* gone = std::get_if<AccountRemoved>(&change)) {
          stored.erase("a" + gone->id);
        } else {
          stored.insert_or_assign("i" + std::get<IdentityRecord>(change).callsign, change);
        }
      }
    };
    const auto revoke = [&](std::map<std::string, std::string>& from, const auto& matches) {
      std::erase_if(from, [&](const auto& item) {
        if (!matches(item)) return false;
        dead.insert(item.first);
        return true;
      });
    };
    const auto pick = [&](const std::map<std::string, std::string>& from) {
      return std::next(from.begin(), static_cast<std::ptrdiff_t>(random.below(from.size())));
    };
    for (int step = 0; step < 100; ++step) {
      const Millis now = 1'000'000 + step;
      const std::uint64_t what = random.below(8);
      if (what == 0 || recoveries.empty()) {
        const std::string id = "acc" + std::to_string(step), r = secret(), s = secret();
        apply(directory.create_account({id, hash(r), hash(s)}, now));
        recoveries[r] = id;
        sessions[s] = id;
      } else if (what <= 2) {
        const auto account = pick(recoveries)->second;
        const std::string key = secret();
        const auto made = directory.create_identity(account, std::nullopt, hash(key),
                                                    HandlePolicy::free, random, now);
        ASSERT_TRUE(made);
        apply(made->changes);
        keys[key] = made->callsign;
        owner_of[made->callsign] = account;
      } else if (what == 3 && !keys.empty()) {
        const auto callsign = pick(keys)->second;
        const std::string fresh = secret();
        apply(*directory.rotate_identity(owner_of[callsign], callsign, hash(fresh)));
        revoke(keys, [&](const auto& item) { return item.second == callsign; });
        keys[fresh] = callsign;
      } else if (what == 4 && !keys.empty()) {
        const auto callsign = pick(keys)->second;
        apply(*directory.remove_identity(owner_of[callsign], callsign));
        revoke(keys, [&](const auto& item) { return item.second == callsign; });
      } else if (what == 5) {
        const auto [r, account] = *pick(recoveries);
        const std::string s = secret();
        const bool all = random.below(2) == 0;
        apply(directory.recover(hash(r), hash(s), all, now)->changes);
        if (all) revoke(sessions, [&](const auto& item) { return item.second == account; });
        sessions[s] = account;
      } else if (what == 6 && random.below(3) == 0) {
        const auto account = pick(recoveries)->second;
        apply(*directory.remove_account(account));
        revoke(recoveries, [&](const auto& item) { return item.second == account; });
        revoke(sessions, [&](const auto& item) { return item.second == account; });
        revoke(keys, [&](const auto& item) { return owner_of[item.second] == account; });
      } else if (what == 7 && random.below(4) == 0) {
        directory = Directory();
        for (const auto& [_, record] : stored) directory.apply(record);
      }
      for (const auto& each : dead) {
        ASSERT_EQ(directory.find_session(hash(each), now), nullptr);
        ASSERT_EQ(directory.find_key(hash(each)), nullptr);
        ASSERT_FALSE(directory.recover(hash(each), hash("x"), false, now));
      }
      for (const auto& [s, account] : sessions) {
        ASSERT_NE(directory.find_session(hash(s), now), nullptr) << "seed " << seed;
        ASSERT_EQ(directory.find_session(hash(s), now)->id, account);
      }
      for (const auto& [key, callsign] : keys) {
        ASSERT_NE(directory.find_key(hash(key)), nullptr);
        ASSERT_EQ(directory.find_key(hash(key))->callsign, callsign);
      }
      ASSERT_EQ(directory.identity_count(), keys.size());
    }
  }
}

NewRemote remote(const std::string& n) {
  return {"acc-" + n, hash("recovery" + n), hash("agent" + n), hash("phone" + n)};
}

TEST_F(DirectoryTest, RemoteControlIsAnAccountWithTwoIdentities) {
  const MadeRemote made = directory.create_remote(remote("r1"), random, now);
  EXPECT_EQ(made.phone, "human-authorized");
  EXPECT_EQ(directory.find_account("acc-r1"), nullptr) << "a decision changes nothing";
  directory.apply(made.changes);
  EXPECT_EQ(directory.find_key(hash("agentr1"))->callsign, made.agent);
  EXPECT_EQ(directory.find_key(hash("phoner1"))->callsign, made.phone);
  EXPECT_EQ(directory.identities_of("acc-r1").size(), 2u);
  EXPECT_TRUE(directory.find_account("acc-r1")->sessions.empty());
  EXPECT_TRUE(directory.recover(hash("recoveryr1"), hash("session"), false, now));
}

TEST_F(DirectoryTest, EveryPhoneHasACallsignOfItsOwn) {
  std::set<std::string> phones;
  for (int n = 0; n < 100; ++n) {
    const MadeRemote made = directory.create_remote(remote(std::to_string(100 + n)), random, now);
    EXPECT_TRUE(made.phone.starts_with("human-authorized")) << made.phone;
    EXPECT_LE(made.phone.size(), kCallsignLengthMax);
    EXPECT_TRUE(phones.insert(made.phone).second) << made.phone;
    directory.apply(made.changes);
  }
  EXPECT_TRUE(phones.contains("human-authorized-2"));
}

}  // namespace
}  // namespace rogerthat::core
