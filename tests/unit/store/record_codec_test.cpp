#include "store/record_codec.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "damage.h"

namespace rogerthat::store {
namespace {

core::AccountRecord account() {
  core::AccountRecord record;
  record.id = "acc-1";
  record.created_at = 1'700'000'000'000;
  record.recovery_hash = sha256("recovery");
  record.sessions = {{sha256("s1"), 1'700'000'000'001}, {sha256("s2"), 5}};
  record.email = "a@example.org";
  record.code = core::EmailCode{core::EmailCode::Purpose::recover, "a@example.org", sha256("code"),
                                1'700'000'900'000, 3};
  return record;
}

core::IdentityRecord identity() {
  core::IdentityRecord record;
  record.callsign = "alpha";
  record.account = "acc-1";
  record.key_hash = sha256("key");
  record.created_at = 1'700'000'000'000;
  record.blocked = {"bravo", "zulu"};
  return record;
}

TEST(RecordCodec, KeepsEveryFieldOfAnAccount) {
  const RecordChange change = encode_change(account());
  EXPECT_EQ(change.kind, RecordKind::account);
  EXPECT_EQ(change.key, "acc-1");
  const auto decoded = decode_account("acc-1", *change.data);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, account());
}

TEST(RecordCodec, KeepsEveryFieldOfAnIdentityAlsoOfARetiredOne) {
  for (const bool retired : {false, true}) {
    core::IdentityRecord record = identity();
    if (retired) record.account.clear();
    const RecordChange change = encode_change(record);
    EXPECT_EQ(change.kind, RecordKind::identity);
    const auto decoded = decode_identity("alpha", *change.data);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, record);
  }
}

TEST(RecordCodec, ARemovedAccountDeletesItsRecord) {
  const RecordChange change = encode_change(core::AccountRemoved{"acc-1"});
  EXPECT_EQ(change.kind, RecordKind::account);
  EXPECT_EQ(change.key, "acc-1");
  EXPECT_FALSE(change.data);
}

TEST(RecordCodec, RefusesWhatIsCutShortTooLongOrOfAnotherFormat) {
  const std::string whole = *encode_change(account()).data;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_account("acc-1", whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_account("acc-1", whole + "x"));
  std::string other = whole;
  other[0] = 99;
  EXPECT_FALSE(decode_account("acc-1", other));
  const std::string handle = *encode_change(identity()).data;
  for (std::size_t size = 0; size < handle.size(); ++size) {
    EXPECT_FALSE(decode_identity("alpha", handle.substr(0, size))) << size;
  }
}

TEST(RecordCodec, WhatDamageLeavesReadableIsWrittenAsItWasRead) {
  expect_written_as_read(
      *encode_change(account()).data, [](auto data) { return decode_account("acc-1", data); },
      [](const core::AccountRecord& record) { return *encode_change(record).data; });
  expect_written_as_read(
      *encode_change(identity()).data, [](auto data) { return decode_identity("alpha", data); },
      [](const core::IdentityRecord& record) { return *encode_change(record).data; });
}

}  // namespace
}  // namespace rogerthat::store
