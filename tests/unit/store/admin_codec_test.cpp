#include "store/admin_codec.h"

#include <gtest/gtest.h>

#include "damage.h"

namespace rogerthat::store {
namespace {

core::Ban ban() {
  core::Ban out;
  out.target.kind = core::TargetKind::address;
  out.target.name = "203.0.113.0/24";
  out.target.network.base = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 0};
  out.target.network.prefix = 120;
  out.target.channel = "amber-otter-3f9c";
  out.reason = "a botnet";
  out.created_at = 1'700'000'000'000;
  return out;
}

core::AuditEntry entry() {
  core::AuditEntry out;
  out.no = 12;
  out.at = 1'700'000'000'000;
  out.act = core::Act::stop;
  out.target_kind = core::TargetKind::identity;
  out.target = "alpha";
  out.channel = "amber-otter-3f9c";
  out.reason = "why";
  out.sessions = 3;
  return out;
}

TEST(AdminCodec, KeepsEveryFieldOfABan) {
  const RecordChange change = encode_ban(ban());
  EXPECT_EQ(change.kind, RecordKind::ban);
  const auto decoded = decode_ban(change.key, *change.data);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, ban());
  const RecordChange removed = remove_ban(ban().target);
  EXPECT_EQ(removed.key, change.key);
  EXPECT_FALSE(removed.data);
}

TEST(AdminCodec, ARecordUnderAnotherBansNameIsDamage) {
  EXPECT_FALSE(decode_ban("callsign:alpha@", *encode_ban(ban()).data));
}

TEST(AdminCodec, KeepsEveryFieldOfAnEntry) {
  for (const bool names_somebody : {true, false}) {
    core::AuditEntry sent = entry();
    if (!names_somebody) {
      sent.target_kind.reset();
      sent.target.clear();
    }
    const RecordChange change = encode_audit(sent);
    EXPECT_EQ(change.kind, RecordKind::audit);
    const auto decoded = decode_audit(change.key, *change.data);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, sent);
    EXPECT_EQ(remove_audit(sent.no).key, change.key);
  }
}

TEST(AdminCodec, TheKeysOfEntriesSortAsTheirNumbersDo) {
  core::AuditEntry nine = entry(), ten = entry();
  nine.no = 9;
  ten.no = 10;
  EXPECT_LT(encode_audit(nine).key, encode_audit(ten).key);
}

TEST(AdminCodec, RefusesWhatIsCutShortTooLongOrOfAnotherFormat) {
  const auto refuses = [](const RecordChange& change, auto decode) {
    const std::string whole = *change.data;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(decode(change.key, whole.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode(change.key, whole + "x"));
    std::string other = whole;
    other[0] = 99;
    EXPECT_FALSE(decode(change.key, other));
  };
  refuses(encode_ban(ban()), decode_ban);
  refuses(encode_audit(entry()), decode_audit);
  EXPECT_FALSE(decode_audit("twelve", *encode_audit(entry()).data));
}

TEST(AdminCodec, WhatDamageLeavesReadableIsWrittenAsItWasRead) {
  const RecordChange of_ban = encode_ban(ban()), of_entry = encode_audit(entry());
  expect_written_as_read(
      *of_ban.data, [&](auto data) { return decode_ban(of_ban.key, data); },
      [](const core::Ban& record) {
        EXPECT_LE(record.target.network.prefix, 128);
        return *encode_ban(record).data;
      });
  expect_written_as_read(
      *of_entry.data, [&](auto data) { return decode_audit(of_entry.key, data); },
      [](const core::AuditEntry& record) { return *encode_audit(record).data; });
}

}  // namespace
}  // namespace rogerthat::store
