#include "scene.h"

namespace rogerthat::core {
namespace {

TEST(Send, ReachesEverybodyButTheSender) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.send(alpha, "hello");
  EXPECT_EQ(scene.unread(bravo), std::vector<std::string>{"hello"});
  EXPECT_TRUE(scene.unread(alpha).empty());
}

TEST(Send, AddressesByCallsignPlaceAndAll) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.join("42");
  for (const char* to : {"bravo", "@bravo", "BRAVO", " bravo ", "#2", "2"}) {
    EXPECT_EQ(*scene.channel.resolve_addressee(to), scene.member(bravo)) << to;
  }
  for (const char* to : {"", "all", "ALL", "@all"}) {
    EXPECT_EQ(*scene.channel.resolve_addressee(to), kEveryone) << to;
  }
  EXPECT_EQ(*scene.channel.resolve_addressee("1"), scene.member(alpha));
  // Out of range, digits are a callsign; @ makes them one always.
  EXPECT_EQ(*scene.channel.resolve_addressee("42"), scene.channel.find_member("42"));
  EXPECT_EQ(*scene.channel.resolve_addressee("@42"), scene.channel.find_member("42"));
  EXPECT_EQ(code_of(scene.channel.resolve_addressee("#9")), ErrorCode::invalid);
  EXPECT_EQ(code_of(scene.channel.resolve_addressee("#x")), ErrorCode::invalid);
}

TEST(Send, ToWhoNeverJoinedNamesTheRoster) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  scene.join("bravo");
  SendCommand command;
  command.to = "zulu";
  const auto plan = scene.try_send(alpha, "hi", std::move(command));
  EXPECT_EQ(code_of(plan), ErrorCode::invalid);
  EXPECT_NE(plan.error().message.find("alpha, bravo"), std::string::npos);
}

TEST(Send, SaysWhoTakesIt) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const MemberNo from = scene.member(alpha);
  const MemberNo to = scene.member(bravo);
  EXPECT_EQ(scene.channel.reach(from, to, 1), Reach::at_once);
  EXPECT_EQ(scene.channel.reach(from, to, 0), Reach::later);
  EXPECT_EQ(scene.channel.reach(from, kEveryone, 0), Reach::nobody);
  EXPECT_EQ(scene.channel.reach(from, from, 0), Reach::itself);
  scene.channel.apply(*scene.channel.decide_leave(scene.channel.session(bravo).id, scene.now),
                      scene.now);
  EXPECT_EQ(scene.channel.reach(from, to, 0), Reach::away);
}

TEST(Send, ADuplicateIsQueuedUntilTheFirstIsHandedOver) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const auto again = [&] {
    SendCommand command;
    command.to = "bravo";
    command.client_id = "c-1";
    return scene.try_send(alpha, "once", std::move(command));
  };
  EXPECT_EQ(again()->outcome, SendPlan::Outcome::post);
  EXPECT_TRUE(again()->queued);
  scene.channel.settle(scene.offer_all(bravo), true, false, scene.now);
  EXPECT_EQ(again()->outcome, SendPlan::Outcome::duplicate);
  EXPECT_FALSE(again()->queued);
}

TEST(Send, ToSomebodyOfflineWaitsForThem) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  scene.channel.apply(*scene.channel.decide_leave(scene.channel.session(bravo).id, scene.now),
                      scene.now);
  SendCommand command;
  command.to = "bravo";
  EXPECT_TRUE(scene.try_send(alpha, "later", std::move(command)));
  EXPECT_EQ(scene.unread(scene.join("bravo")), std::vector<std::string>{"later"});
}

TEST(Send, IdsRiseWhateverTheClockDoes) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const MessageId first = scene.send(alpha, "1");
  EXPECT_EQ(first, scene.now.wall);
  EXPECT_EQ(scene.send(alpha, "2"), first + 1);
  scene.now.wall -= kHour;
  EXPECT_EQ(scene.send(alpha, "3"), first + 2);
  scene.now.wall += 2 * kHour;
  EXPECT_EQ(scene.send(alpha, "4"), scene.now.wall);
}

TEST(Send, ChecksTheText) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  EXPECT_EQ(code_of(scene.try_send(alpha, "")), ErrorCode::invalid);
  EXPECT_EQ(code_of(scene.try_send(alpha, std::string(8193, 'x'))), ErrorCode::invalid);
  EXPECT_TRUE(scene.try_send(alpha, std::string(8192, 'x')));
  std::string wide;
  for (int i = 0; i < 8192; ++i) wide += "\xf0\x9f\xa6\x8a";  // code points count, not bytes
  EXPECT_TRUE(scene.try_send(alpha, wide));
  EXPECT_EQ(code_of(scene.try_send(alpha, "\xff")), ErrorCode::invalid);
  EXPECT_EQ(code_of(scene.try_send(alpha, "\x1b[31m")), ErrorCode::invalid);
  EXPECT_EQ(code_of(scene.try_send(alpha, "\xc2\x85")), ErrorCode::invalid);
  EXPECT_EQ(code_of(scene.try_send(alpha, std::string("a\0b", 3))), ErrorCode::invalid);
  EXPECT_TRUE(scene.try_send(alpha, "tab\tand\r\nline"));
}

TEST(Send, AStatusIsShortAndLeavesNoTrace) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  SendCommand command;
  command.kind = Kind::status;
  const auto plan = scene.try_send(alpha, "working", std::move(command));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->outcome, SendPlan::Outcome::status);
  EXPECT_TRUE(scene.unread(bravo).empty());
  EXPECT_TRUE(scene.channel.history(20, kNone).empty());
  SendCommand longer;
  longer.kind = Kind::status;
  EXPECT_EQ(code_of(scene.try_send(alpha, std::string(281, 'x'), std::move(longer))),
            ErrorCode::invalid);
}

TEST(Send, TidiesSuggestedReplies) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  SendCommand command;
  command.suggested_replies = {" yes ", "", "no"};
  ASSERT_TRUE(scene.try_send(alpha, "ok?", std::move(command)));
  const Pending pending = scene.pending(bravo);
  EXPECT_EQ(pending.messages[0]->extras->suggested_replies,
            (std::vector<std::string>{"yes", "no"}));
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"1", "2", "3", "4", "5"},
                                              {std::string(65, 'x')},
                                              {"a\nb"},
                                              {"a\xe2\x80\xa8"
                                               "b"}}) {
    SendCommand refused;
    refused.suggested_replies = bad;
    EXPECT_EQ(code_of(scene.try_send(alpha, "ok?", std::move(refused))), ErrorCode::invalid);
  }
}

TEST(Send, ChecksAttachments) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const auto with = [&](Attachment attachment) {
    SendCommand command;
    command.attachments.push_back(std::move(attachment));
    return scene.try_send(alpha, "", std::move(command));
  };
  EXPECT_TRUE(with({"image/png", "aGVs\nbG8=", " a.png "}));
  EXPECT_EQ(code_of(with({"text/html", "aGVsbG8=", ""})), ErrorCode::invalid);
  EXPECT_EQ(code_of(with({"image/png", "not base64!", ""})), ErrorCode::invalid);
  EXPECT_EQ(code_of(with({"image/png", "", ""})), ErrorCode::invalid);
  EXPECT_EQ(code_of(with({"image/png", std::string(kAttachmentBytesMax + 4, 'A'), ""})),
            ErrorCode::too_large);
  EXPECT_TRUE(with({"image/png", std::string(kAttachmentBytesMax, 'A'), ""}));
}

TEST(ClientId, ASecondSendAnswersTheFirst) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const auto send = [&](std::uint64_t hash) {
    SendCommand command;
    command.client_id = "c-1";
    command.body_hash = hash;
    return scene.try_send(alpha, "once", std::move(command));
  };
  const MessageId id = send(7)->posted.message.id;
  const auto again = send(7);
  EXPECT_EQ(again->outcome, SendPlan::Outcome::duplicate);
  EXPECT_EQ(again->duplicate_id, id);
  EXPECT_EQ(scene.unread(bravo).size(), 1u);
  EXPECT_EQ(code_of(send(8)), ErrorCode::conflict);
  scene.pass(kClientIdMemory);
  EXPECT_EQ(send(8)->outcome, SendPlan::Outcome::post);
}

TEST(ClientId, TheLast256AreRemembered) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const auto send = [&](int n) {
    SendCommand command;
    command.client_id = fmt::format("c-{}", n);
    return scene.try_send(alpha, "x", std::move(command))->outcome;
  };
  for (int n = 0; n < 257; ++n) send(n);
  EXPECT_EQ(send(256), SendPlan::Outcome::duplicate);
  EXPECT_EQ(send(0), SendPlan::Outcome::post);
}

TEST(ReplyTo, MustBeAMessageThatTheSenderGot) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  const SessionNo charlie = scene.join("charlie");
  const MessageId direct = scene.send(alpha, "psst", "bravo");
  const auto reply = [&](SessionNo from, MessageId to) {
    SendCommand command;
    command.reply_to = to;
    return scene.try_send(from, "re", std::move(command));
  };
  EXPECT_TRUE(reply(bravo, direct));
  EXPECT_EQ(code_of(reply(charlie, direct)), ErrorCode::invalid);
  EXPECT_EQ(code_of(reply(bravo, direct + 99)), ErrorCode::invalid);
}

TEST(LoopGuard, WarnsAfterFortyMessagesBetweenTwo) {
  Scene scene;
  const SessionNo alpha = scene.join("alpha");
  const SessionNo bravo = scene.join("bravo");
  for (std::size_t n = 0; n < kLoopGuardMessages; ++n) {
    scene.send(n % 2 == 0 ? alpha : bravo, "ping", n % 2 == 0 ? "bravo" : "alpha");
  }
  EXPECT_FALSE(scene.channel.loop_warning(alpha, scene.now));
  scene.send(alpha, "ping", "bravo");
  EXPECT_TRUE(scene.channel.loop_warning(alpha, scene.now));
  EXPECT_TRUE(scene.channel.loop_warning(bravo, scene.now));
  EXPECT_TRUE(scene.try_send(alpha, "ping"));  // warn does not block
  scene.pass(kLoopGuardWindow);
  EXPECT_FALSE(scene.channel.loop_warning(alpha, scene.now));
}

TEST(LoopGuard, BlocksUntilAHumanTakesPart) {
  ChannelOptions options;
  options.loop_guard = LoopGuardMode::block;
  Scene scene(options);
  const SessionNo alpha = scene.join("alpha");
  scene.join("bravo");
  JoinCommand proven;
  proven.callsign = "human";
  proven.human_authorized = true;
  const SessionNo human =
      *scene.channel.find_session(scene.try_join(std::move(proven))->session_id, scene.now);
  for (std::size_t n = 0; n <= kLoopGuardMessages; ++n) scene.send(alpha, "ping", "bravo");
  SendCommand command;
  command.to = "bravo";
  const auto refused = scene.try_send(alpha, "ping", std::move(command));
  EXPECT_EQ(code_of(refused), ErrorCode::rate_limited);
  EXPECT_GT(refused.error().retry_after_seconds, 0);
  scene.send(human, "carry on");
  scene.send(alpha, "ping", "bravo");
}

}  // namespace
}  // namespace rogerthat::core
