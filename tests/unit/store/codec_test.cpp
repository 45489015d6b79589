#include "store/codec.h"

#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"

namespace rogerthat::store {
namespace {

constexpr core::ChannelNo kChannel = 42;
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

const EventCodec& codec() {
  static const EventCodec codec(sha256("a key"));
  return codec;
}

template <class Event>
Event through(const Event& event) {
  const auto decoded = codec().decode(codec().encode(event, kChannel), kChannel);
  if (!decoded) {
    ADD_FAILURE() << decoded.error().message;
    return {};
  }
  // The variants hold messages that can only be moved, so what is decoded is encoded and compared.
  EXPECT_EQ(codec().encode(*decoded, kChannel), codec().encode(event, kChannel));
  auto again = codec().decode(codec().encode(event, kChannel), kChannel);
  return std::get<Event>(std::move(*again));
}

core::Posted posted_with_everything() {
  core::Posted posted;
  posted.message.id = 1'700'000'000'123;
  posted.message.at = 1'700'000'000'120;
  posted.message.reply_to = 1'699'999'999'000;
  posted.message.priority = core::Priority::urgent;
  posted.message.kind = core::Kind::status;
  posted.message.verified = true;
  posted.message.text = std::string("with \0 inside and \xF0\x9F\x93\xBB", 22);
  posted.message.extras = std::make_unique<core::MessageExtras>();
  posted.message.extras->suggested_replies = {"yes", ""};
  posted.message.extras->attachments = {{"image/png", "aGk=", "hi.png"}, {"text/plain", "", ""}};
  posted.from = "alpha";
  posted.to = "bravo";
  posted.client_id = "build-7";
  posted.body_hash = std::numeric_limits<std::uint64_t>::max();
  posted.dropped_through = 1'699'000'000'000;
  return posted;
}

core::Snapshot snapshot_with_everything() {
  core::Snapshot snapshot;
  snapshot.members.resize(2);
  auto& member = snapshot.members[0];
  member.callsign = "alpha";
  member.handed = 5;
  member.confirmed = 4;
  member.offered = 6;
  member.baseline = 1;
  member.last_seen = 99;
  member.verified = true;
  member.sent.push_back({"c-1", 17, 5, 98, "bravo"});
  member.sent.push_back({"c-2", 0, 6, 99, ""});
  snapshot.members[1].callsign = "bravo";
  snapshot.sessions.push_back(
      {"session-one", "alpha", "builds things", "acct", true, true, true, true, 77});
  snapshot.tombstones.push_back({"session-two", "bravo", 123, false});
  snapshot.last_id = 6;
  snapshot.dropped_through = 2;
  snapshot.first_joined_at = 70;
  return snapshot;
}

core::Snapshot snapshot_of_an_inbox() {
  core::Snapshot snapshot = snapshot_with_everything();
  snapshot.read_marks = {{3, 80}, {5, 90}};
  return snapshot;
}

std::vector<std::string> one_row_of_each_kind() {
  core::CursorsMoved moved;
  moved.positions = {{"alpha", 1, 2, 3}, {"bravo", 4, 5, 6}};
  moved.at = 9;
  return {
      codec().encode(core::Joined{"session-one", "alpha", "hi", "", true, false, true, 1},
                     kChannel),
      codec().encode(core::Left{"session-one", true, 2}, kChannel),
      codec().encode(posted_with_everything(), kChannel),
      codec().encode(moved, kChannel),
      codec().encode(snapshot_with_everything(), kChannel),
      codec().encode(snapshot_of_an_inbox(), kChannel),
  };
}

TEST(Codec, KeepsEveryFieldOfAJoin) {
  const core::Joined joined = through(
      core::Joined{"session-one", "alpha", "builds things", "acct", true, false, true, true, -5});
  EXPECT_EQ(joined.session_id, "session-one");
  EXPECT_EQ(joined.callsign, "alpha");
  EXPECT_EQ(joined.intro, "builds things");
  EXPECT_EQ(joined.identity_account, "acct");
  EXPECT_TRUE(joined.verified);
  EXPECT_FALSE(joined.human_authorized);
  EXPECT_TRUE(joined.shared);
  EXPECT_TRUE(joined.ack_explicit);
  EXPECT_EQ(joined.at, -5);
  core::Joined authorized;
  authorized.human_authorized = true;
  EXPECT_TRUE(through(authorized).human_authorized);
}

TEST(Codec, KeepsEveryFieldOfALeave) {
  const core::Left left = through(core::Left{"session-one", true, kHighest});
  EXPECT_EQ(left.session_id, "session-one");
  EXPECT_TRUE(left.expired);
  EXPECT_EQ(left.at, kHighest);
}

TEST(Codec, KeepsEveryFieldOfAMessage) {
  const core::Posted in = posted_with_everything();
  const core::Posted out = through<core::Posted>(posted_with_everything());
  EXPECT_EQ(out.message.id, in.message.id);
  EXPECT_EQ(out.message.at, in.message.at);
  EXPECT_EQ(out.message.reply_to, in.message.reply_to);
  EXPECT_EQ(out.message.priority, in.message.priority);
  EXPECT_EQ(out.message.kind, in.message.kind);
  EXPECT_TRUE(out.message.verified);
  EXPECT_EQ(out.message.text, in.message.text);
  ASSERT_TRUE(out.message.extras);
  EXPECT_EQ(out.message.extras->suggested_replies, in.message.extras->suggested_replies);
  EXPECT_EQ(out.message.extras->attachments, in.message.extras->attachments);
  EXPECT_EQ(out.from, "alpha");
  EXPECT_EQ(out.to, "bravo");
  EXPECT_EQ(out.client_id, "build-7");
  EXPECT_EQ(out.body_hash, in.body_hash);
  EXPECT_EQ(out.dropped_through, in.dropped_through);
}

TEST(Codec, LeavesMemberNumbersToTheReader) {
  core::Posted posted = posted_with_everything();
  posted.message.from = 3;
  posted.message.to = 4;
  posted.message.extras->answered_by.push_back(1);
  posted.message.receipt = std::make_unique<core::DirectReceipt>();
  const auto row = codec().encode(posted, kChannel);
  EXPECT_EQ(row, codec().encode(posted_with_everything(), kChannel));

  const auto decoded = codec().decode(row, kChannel);
  const core::Message& message = std::get<core::Posted>(*decoded).message;
  EXPECT_EQ(message.from, core::kNone);
  EXPECT_EQ(message.to, core::kEveryone);
  EXPECT_TRUE(message.extras->answered_by.empty());
  EXPECT_FALSE(message.receipt);
}

TEST(Codec, KeepsTheEdgesOfNumbers) {
  for (const std::int64_t id : {kLowest, std::int64_t{-1}, std::int64_t{0}, kHighest}) {
    for (const std::int64_t at : {kLowest, std::int64_t{0}, std::int64_t{127}, kHighest}) {
      core::Posted posted;
      posted.message.id = id;
      posted.message.at = at;
      const auto decoded = codec().decode(codec().encode(posted, kChannel), kChannel);
      ASSERT_TRUE(decoded);
      EXPECT_EQ(std::get<core::Posted>(*decoded).message.id, id);
      EXPECT_EQ(std::get<core::Posted>(*decoded).message.at, at);
    }
  }
}

TEST(Codec, AnOrdinaryMessageCostsLittleMoreThanItsText) {
  core::Posted posted;
  posted.message.id = 1'700'000'000'123;
  posted.message.at = 1'700'000'000'120;
  posted.message.text = std::string(200, 'x');
  posted.from = "alpha";
  EXPECT_LE(codec().encode(posted, kChannel).size(), 200 + 26U);
}

TEST(Codec, KeepsEveryFieldOfMovedCursors) {
  core::CursorsMoved moved;
  moved.positions = {{"alpha", 1, kLowest, kHighest}, {"", 0, 0, 0}};
  moved.at = 9;
  const core::CursorsMoved out = through(moved);
  ASSERT_EQ(out.positions.size(), 2U);
  EXPECT_EQ(out.positions[0].callsign, "alpha");
  EXPECT_EQ(out.positions[0].handed, 1);
  EXPECT_EQ(out.positions[0].confirmed, kLowest);
  EXPECT_EQ(out.positions[0].offered, kHighest);
  EXPECT_EQ(out.at, 9);
}

TEST(Codec, KeepsEveryFieldOfASnapshot) {
  const core::Snapshot out = through(snapshot_with_everything());
  ASSERT_EQ(out.members.size(), 2U);
  const auto& member = out.members[0];
  EXPECT_EQ(member.callsign, "alpha");
  EXPECT_EQ(member.handed, 5);
  EXPECT_EQ(member.confirmed, 4);
  EXPECT_EQ(member.offered, 6);
  EXPECT_EQ(member.baseline, 1);
  EXPECT_EQ(member.last_seen, 99);
  EXPECT_TRUE(member.verified);
  ASSERT_EQ(member.sent.size(), 2U);
  EXPECT_EQ(member.sent[0].client_id, "c-1");
  EXPECT_EQ(member.sent[0].body_hash, 17U);
  EXPECT_EQ(member.sent[0].id, 5);
  EXPECT_EQ(member.sent[0].at, 98);
  EXPECT_EQ(member.sent[0].to, "bravo");
  EXPECT_EQ(out.members[1].callsign, "bravo");
  ASSERT_EQ(out.sessions.size(), 1U);
  EXPECT_EQ(out.sessions[0].session_id, "session-one");
  EXPECT_EQ(out.sessions[0].intro, "builds things");
  EXPECT_EQ(out.sessions[0].at, 77);
  ASSERT_EQ(out.tombstones.size(), 1U);
  EXPECT_EQ(out.tombstones[0].session_id, "session-two");
  EXPECT_EQ(out.tombstones[0].callsign, "bravo");
  EXPECT_EQ(out.tombstones[0].until, 123);
  EXPECT_FALSE(out.tombstones[0].expired);
  EXPECT_EQ(out.last_id, 6);
  EXPECT_EQ(out.dropped_through, 2);
  EXPECT_EQ(out.first_joined_at, 70);
}

TEST(Codec, KeepsWhatWasReadWhenOfAnInbox) {
  const core::Snapshot out = through(snapshot_of_an_inbox());
  EXPECT_EQ(out.first_joined_at, 70);
  ASSERT_EQ(out.read_marks.size(), 2U);
  EXPECT_EQ(out.read_marks[1].through, 5);
  EXPECT_EQ(out.read_marks[1].at, 90);
  EXPECT_TRUE(through(snapshot_with_everything()).read_marks.empty());
}

TEST(Codec, SessionIdsAreSealed) {
  for (const std::string& row : one_row_of_each_kind()) {
    EXPECT_EQ(row.find("session-one"), std::string::npos);
    EXPECT_EQ(row.find("session-two"), std::string::npos);
  }
}

TEST(Codec, SealedIdsOpenOnlyUnderTheirKeyAndChannel) {
  const std::string row = codec().encode(core::Left{"session-one", false, 1}, kChannel);
  EXPECT_TRUE(codec().decode(row, kChannel));
  EXPECT_FALSE(codec().decode(row, kChannel + 1));
  EXPECT_FALSE(EventCodec(sha256("another key")).decode(row, kChannel));
}

TEST(Codec, RefusesFormatsAndKindsItDoesNotKnow) {
  std::string row = one_row_of_each_kind()[3];
  row[0] = 2;
  EXPECT_EQ(codec().decode(row, kChannel).error().message, "the row has the unknown format 2");
  row[0] = 1;
  row[1] = 7;
  EXPECT_EQ(codec().decode(row, kChannel).error().message, "the row has the unknown kind 7");
}

TEST(Codec, RefusesRowsThatAreCutShortOrTooLong) {
  for (const std::string& row : one_row_of_each_kind()) {
    for (std::size_t size = 0; size < row.size(); ++size) {
      EXPECT_FALSE(codec().decode(std::string_view(row).substr(0, size), kChannel)) << size;
    }
    EXPECT_FALSE(codec().decode(row + '\0', kChannel));
  }
}

TEST(Codec, RefusesCountsThatTheRowHasNoRoomFor) {
  // Cursors that moved: time 0, then 2^62 positions.
  std::string row = {1, 4, 0};
  row += "\xff\xff\xff\xff\xff\xff\xff\xff\x3f";
  EXPECT_FALSE(codec().decode(row, kChannel));
}

TEST(Codec, SurvivesAnyDamage) {
  SeededRandom random(1);
  for (const std::string& row : one_row_of_each_kind()) {
    for (int round = 0; round < 5000; ++round) {
      std::string damaged = row;
      for (std::uint64_t i = 0, n = 1 + random.below(4); i < n; ++i) {
        damaged[2 + random.below(damaged.size() - 2)] = static_cast<char>(random.below(256));
      }
      const auto decoded = codec().decode(damaged, kChannel);
      if (!decoded) continue;
      const std::string once = codec().encode(*decoded, kChannel);
      const auto again = codec().decode(once, kChannel);
      ASSERT_TRUE(again);
      EXPECT_EQ(codec().encode(*again, kChannel), once);
    }
  }
}

}  // namespace
}  // namespace rogerthat::store
