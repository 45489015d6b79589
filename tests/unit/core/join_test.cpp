#include "scene.h"

namespace rogerthat::core {
namespace {

TEST(Join, GivesASessionAndTheCallsign) {
  Scene scene;
  const auto plan = scene.try_join(as("alpha"));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->callsign, "alpha");
  EXPECT_FALSE(plan->idempotent);
  EXPECT_EQ(scene.channel.agent_count(), 1u);
}

TEST(Join, WithoutCallsignTakesAFreeOne) {
  Scene scene;
  scene.join("amber-otter");
  const auto plan = scene.try_join({});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->callsign, "amber-otter-2");
}

TEST(Join, RefusesMalformedAndReservedCallsigns) {
  Scene scene;
  for (const char* bad : {"", "-a", "_a", "a b", "ä", "a.b", "all", "operator", "system", "hub",
                          "server", "rogerthat", "min", "low", "default", "high", "urgent",
                          "human-authorized", "human-authorized-7"}) {
    EXPECT_EQ(code_of(scene.try_join(as(bad))), ErrorCode::invalid) << bad;
  }
  EXPECT_EQ(code_of(scene.try_join(as(std::string(33, 'a')))), ErrorCode::invalid);
  EXPECT_TRUE(scene.try_join(as(std::string(32, 'a'))));
}

TEST(Join, OfALiveCallsignGivesTheSameSessionWithAWarning) {
  Scene scene;
  const auto first = scene.try_join(as("alpha"));
  const auto second = scene.try_join(as("alpha"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->session_id, first->session_id);
  EXPECT_TRUE(second->idempotent);
  EXPECT_TRUE(second->collision_warning);
}

TEST(Join, WithItsOwnSessionIsARejoinWithoutWarning) {
  Scene scene;
  const auto first = scene.try_join(as("alpha"));
  const auto again = scene.try_join(as("alpha", first->session_id));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->idempotent);
  EXPECT_FALSE(again->collision_warning);
}

TEST(Join, ThatNeverSharesIsRefusedALiveCallsignWithAFreeOne) {
  for (const OnCollision mode : {OnCollision::merge, OnCollision::reject}) {
    ChannelOptions options;
    options.on_collision = mode;
    Scene scene(options);
    const auto first = scene.try_join(as("alpha"));
    JoinCommand command = as("alpha");
    command.never_shares = true;
    const auto refused = scene.try_join(command);
    EXPECT_EQ(code_of(refused), ErrorCode::callsign_taken);
    EXPECT_NE(refused.error().hint.find("'alpha-2'"), std::string::npos) << refused.error().hint;
    EXPECT_NE(refused.error().hint.find("your own session handle"), std::string::npos);

    command.session_id = first->session_id;
    const auto own = scene.try_join(command);
    ASSERT_TRUE(own);
    EXPECT_EQ(own->session_id, first->session_id);
    EXPECT_TRUE(own->idempotent);
    EXPECT_FALSE(own->collision_warning);
  }
}

TEST(Join, ThatNeverSharesIsStillRenamedWhereTheChannelRenames) {
  ChannelOptions options;
  options.on_collision = OnCollision::rename;
  Scene scene(options);
  scene.join("alpha");
  JoinCommand command = as("alpha");
  command.never_shares = true;
  const auto plan = scene.try_join(command);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->callsign, "alpha-2");
}

TEST(Join, ThatNeverSharesRevivesAnExpiredSessionByItsIdOnly) {
  Scene scene;
  const auto first = scene.try_join(as("alpha"));
  scene.pass(kSessionTtlDefault);
  scene.channel.apply(*scene.channel.decide_expiry(
                          *scene.channel.find_session(first->session_id, scene.now), scene.now),
                      scene.now);
  JoinCommand stranger = as("alpha");
  stranger.never_shares = true;
  const auto other = scene.channel.decide_join(stranger, scene.now);
  ASSERT_TRUE(other);
  EXPECT_NE(other->session_id, first->session_id);
  JoinCommand holder = as("alpha", first->session_id);
  holder.never_shares = true;
  EXPECT_EQ(scene.try_join(holder)->session_id, first->session_id);
}

TEST(Join, WithAnotherSessionIsTaken) {
  Scene scene;
  scene.join("alpha");
  EXPECT_EQ(code_of(scene.try_join(as("alpha", "another-session"))), ErrorCode::callsign_taken);
}

TEST(Join, MayChangeTheCallsignOfItsSession) {
  Scene scene;
  const auto first = scene.try_join(as("alpha"));
  const auto renamed = scene.try_join(as("bravo", first->session_id));
  ASSERT_TRUE(renamed);
  EXPECT_EQ(renamed->session_id, first->session_id);
  EXPECT_FALSE(scene.channel.online(scene.channel.find_member("alpha")));
  EXPECT_TRUE(scene.channel.online(scene.channel.find_member("bravo")));
  EXPECT_EQ(scene.channel.agent_count(), 1u);
}

TEST(Join, AdoptsAnUnknownSessionIdOfFittingShape) {
  Scene scene;
  EXPECT_EQ(scene.try_join(as("alpha", "12345678"))->session_id, "12345678");
  EXPECT_NE(scene.try_join(as("bravo", "1234567"))->session_id, "1234567");
  EXPECT_NE(scene.try_join(as("charlie", std::string(129, 'x')))->session_id,
            std::string(129, 'x'));
  EXPECT_NE(scene.try_join(as("delta", "with a space"))->session_id, "with a space");
}

TEST(Join, OnBandsNeverAdoptsNorMerges) {
  ChannelOptions options;
  options.band = true;
  Scene scene(options);
  const auto first = scene.try_join(as("alpha", "12345678"));
  EXPECT_NE(first->session_id, "12345678");
  const auto stranger = scene.try_join(as("alpha"));
  EXPECT_EQ(code_of(stranger), ErrorCode::callsign_taken);
  EXPECT_NE(stranger.error().hint.find("alpha-2"), std::string::npos);
  EXPECT_TRUE(scene.try_join(as("alpha", first->session_id)));
}

TEST(Join, OnCollisionRejectsOrRenames) {
  ChannelOptions options;
  options.on_collision = OnCollision::reject;
  Scene reject(options);
  reject.join("alpha");
  EXPECT_EQ(code_of(reject.try_join(as("alpha"))), ErrorCode::callsign_taken);

  options.on_collision = OnCollision::rename;
  Scene rename(options);
  rename.join("alpha");
  EXPECT_EQ(rename.try_join(as("alpha"))->callsign, "alpha-2");
  EXPECT_EQ(rename.channel.agent_count(), 2u);
}

TEST(Join, AMergeWithoutThePasswordIsNotHumanAuthorized) {
  ChannelOptions options;
  options.has_owner_password = true;
  options.trust_mode = TrustMode::trusted;
  Scene scene(options);
  JoinCommand human = as("alpha");
  human.human_authorized = true;
  const auto first = scene.try_join(human);
  EXPECT_TRUE(first->human_authorized);
  EXPECT_FALSE(scene.try_join(as("alpha"))->human_authorized);
  EXPECT_FALSE(scene.try_join(as("alpha", first->session_id))->human_authorized)
      << "its id is with somebody who has not proved it";
  const SessionNo session = *scene.channel.find_session(first->session_id, scene.now);
  EXPECT_EQ(scene.channel.posture(session), TrustPosture::trusted_no_password);
}

class HumanProof : public testing::Test {
 protected:
  static ChannelOptions guarded() {
    ChannelOptions options;
    options.has_owner_password = true;
    options.trust_mode = TrustMode::trusted;
    return options;
  }
  JoinPlan join(const std::string& session_id, bool proves) {
    JoinCommand command = as("alpha", session_id);
    command.human_authorized = proves;
    auto plan = scene.try_join(std::move(command));
    EXPECT_TRUE(plan.has_value());
    return std::move(*plan);
  }
  bool counts(const std::string& session_id) {
    return scene.channel.session(*scene.channel.find_session(session_id, scene.now))
        .is_authorized();
  }
  Scene scene{guarded()};
};

TEST_F(HumanProof, CountsForWhoHoldsTheIdAsLongAsNobodyElseDoes) {
  const std::string id = join("", false).session_id;
  EXPECT_TRUE(join(id, true).human_authorized);
  EXPECT_TRUE(join(id, false).human_authorized);
  EXPECT_TRUE(counts(id));
}

TEST_F(HumanProof, IsSharedByThoseWhoHaveGivenThePassword) {
  const std::string id = join("", true).session_id;
  EXPECT_EQ(join("", true).session_id, id);
  EXPECT_TRUE(join(id, false).human_authorized);
  EXPECT_TRUE(counts(id));
}

TEST_F(HumanProof, IsNotInheritedFromAMerge) {
  const std::string id = join("", false).session_id;
  const JoinPlan merged = join("", true);
  EXPECT_EQ(merged.session_id, id);
  EXPECT_TRUE(merged.human_authorized) << "it has given the password just now";
  EXPECT_FALSE(join(id, false).human_authorized);
  EXPECT_FALSE(counts(id));
}

TEST_F(HumanProof, OfASharedSessionBeginsANewOne) {
  const std::string shared = join("", true).session_id;
  join("", false);
  EXPECT_FALSE(counts(shared));
  const JoinPlan own = join(shared, true);
  EXPECT_NE(own.session_id, shared);
  EXPECT_EQ(own.callsign, "alpha");
  EXPECT_TRUE(counts(own.session_id));
  EXPECT_EQ(code_of(scene.channel.find_session(shared, scene.now)), ErrorCode::session_expired);
  EXPECT_EQ(code_of(scene.try_join(as("alpha", shared))), ErrorCode::callsign_taken);
}

TEST_F(HumanProof, DoesNotReviveAnIdThatOthersMayHave) {
  const auto expire = [this](const std::string& id) {
    scene.channel.apply(Left{id, true, scene.now.wall}, scene.now);
  };
  const std::string first = join("", false).session_id;
  expire(first);
  const std::string second = join("", true).session_id;
  EXPECT_NE(second, first) << "who had the first has not given the password";
  expire(second);
  EXPECT_EQ(join("", true).session_id, second) << "all who had it have";
  expire(second);
  EXPECT_EQ(join("", false).session_id, second);
  EXPECT_FALSE(counts(second));
  EXPECT_NE(join(second, true).session_id, second) << "who had it before has it still";
}

TEST_F(HumanProof, SurvivesASnapshot) {
  const std::string id = join("", true).session_id;
  join("", false);
  Scene later(guarded());
  later.channel.apply(scene.channel.snapshot(), later.now);
  const SessionNo session = *later.channel.find_session(id, later.now);
  EXPECT_TRUE(later.channel.session(session).human_authorized);
  EXPECT_FALSE(later.channel.session(session).is_authorized());
}

TEST(Join, RequireIdentityNeedsAKey) {
  ChannelOptions options;
  options.require_identity = true;
  Scene scene(options);
  EXPECT_EQ(code_of(scene.try_join(as("alpha"))), ErrorCode::forbidden);
  JoinCommand known = as("alpha");
  known.identity_account = "account-1";
  EXPECT_TRUE(scene.try_join(known));
}

TEST(Join, ACallsignBoundToAnIdentityIsNotGivenWithoutItsKey) {
  Scene scene;
  JoinCommand known = as("alpha");
  known.identity_account = "account-1";
  const auto first = scene.try_join(known);
  EXPECT_EQ(code_of(scene.try_join(as("alpha"))), ErrorCode::callsign_taken);
  EXPECT_EQ(scene.try_join(known)->session_id, first->session_id);
  scene.channel.apply(*scene.channel.decide_leave(first->session_id, scene.now), scene.now);
  EXPECT_EQ(code_of(scene.try_join(as("alpha"))), ErrorCode::callsign_taken);
}

TEST(SessionLife, ExpiresWhenIdleAndAnswersSo) {
  Scene scene;
  const auto plan = scene.try_join(as("alpha"));
  const SessionNo session = *scene.channel.find_session(plan->session_id, scene.now);
  scene.pass(kSessionTtlDefault - 1);
  EXPECT_FALSE(scene.channel.decide_expiry(session, scene.now));
  scene.pass(1);
  const auto left = scene.channel.decide_expiry(session, scene.now);
  ASSERT_TRUE(left);
  scene.channel.apply(*left, scene.now);
  EXPECT_EQ(code_of(scene.channel.find_session(plan->session_id, scene.now)),
            ErrorCode::session_expired);
  EXPECT_EQ(code_of(scene.channel.find_session("never-heard-of", scene.now)),
            ErrorCode::not_joined);
  scene.pass(kTombstoneLife);
  EXPECT_EQ(code_of(scene.channel.find_session(plan->session_id, scene.now)),
            ErrorCode::not_joined);
}

TEST(SessionLife, IsKeptAliveByAWaitingReader) {
  Scene scene;
  const SessionNo session = scene.join("alpha");
  const ReaderNo reader = scene.channel.attach(session, ReaderKind::stream, 0, 0);
  scene.pass(kSessionTtlDefault * 2);
  EXPECT_FALSE(scene.channel.decide_expiry(session, scene.now));
  scene.channel.detach(reader);
  EXPECT_TRUE(scene.channel.decide_expiry(session, scene.now));
}

TEST(SessionLife, ARejoinWithinTheHourRevivesTheOldId) {
  Scene scene;
  const auto first = scene.try_join(as("alpha"));
  scene.pass(kSessionTtlDefault);
  scene.channel.apply(*scene.channel.decide_expiry(
                          *scene.channel.find_session(first->session_id, scene.now), scene.now),
                      scene.now);
  EXPECT_EQ(scene.try_join(as("alpha"))->session_id, first->session_id);
}

TEST(SessionLife, LeavingAnswersTheSameWayButIsNotRevivedByName) {
  Scene scene;
  const auto first = scene.try_join(as("alpha"));
  scene.channel.apply(*scene.channel.decide_leave(first->session_id, scene.now), scene.now);
  EXPECT_EQ(code_of(scene.channel.find_session(first->session_id, scene.now)),
            ErrorCode::session_expired);
  EXPECT_FALSE(scene.channel.decide_leave(first->session_id, scene.now));
  EXPECT_NE(scene.try_join(as("alpha"))->session_id, first->session_id);
}

TEST(Members, AreForgottenOldestFirstOnceTheChannelRemembersTooMany) {
  ChannelOptions options;
  options.band = true;
  Scene scene(options);
  for (std::size_t i = 0; i < kBandCallsignsMax; ++i) {
    const auto plan = scene.try_join(as(fmt::format("agent-{}", i)));
    ASSERT_TRUE(plan) << i;
    scene.channel.apply(*scene.channel.decide_leave(plan->session_id, scene.now), scene.now);
    scene.pass(1);
  }
  EXPECT_EQ(scene.channel.member_count(), kBandCallsignsMax);
  ASSERT_TRUE(scene.try_join(as("one-more")));
  EXPECT_EQ(scene.channel.member_count(), kBandCallsignsMax);
  EXPECT_EQ(scene.channel.find_member("agent-0"), kNone);
  EXPECT_NE(scene.channel.find_member("agent-1"), kNone);
}

TEST(Sessions, AreBounded) {
  ChannelOptions options;
  options.band = true;
  Scene scene(options);
  for (std::size_t i = 0; i < kBandSessionsMax; ++i) scene.join(fmt::format("agent-{}", i));
  EXPECT_EQ(code_of(scene.try_join(as("one-more"))), ErrorCode::unavailable);
}

}  // namespace
}  // namespace rogerthat::core
