// Joins with an identity: whose callsign it is, and what happens to others who hold it.
#include "scene.h"

namespace rogerthat::core {
namespace {

JoinCommand with_key(const std::string& callsign, const std::string& account = "acc-1") {
  JoinCommand command = as(callsign);
  command.identity_account = account;
  return command;
}

TEST(IdentityJoin, MakesTheCallsignVerifiedAndItsOwn) {
  Scene scene;
  const auto plan = scene.try_join(with_key("alpha"));
  ASSERT_TRUE(plan);
  const auto session = scene.channel.find_session(plan->session_id, scene.now);
  EXPECT_EQ(scene.channel.session(*session).identity_account, "acc-1");
  EXPECT_TRUE(scene.channel.member(scene.member(*session)).verified);
  EXPECT_EQ(code_of(scene.try_join(as("alpha"))), ErrorCode::callsign_taken);
  EXPECT_EQ(code_of(scene.try_join(as("alpha", plan->session_id))), ErrorCode::callsign_taken);
}

TEST(IdentityJoin, AgainIsTheSameSession) {
  Scene scene;
  const auto first = scene.try_join(with_key("alpha"));
  const auto again = scene.try_join(with_key("alpha"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->session_id, first->session_id);
  EXPECT_FALSE(again->collision_warning);
}

// Callsigns that identities of other accounts have, as far as a join asks.
class Taken final : public Handles {
 public:
  bool is_handle(std::string_view callsign) const override { return callsign == "alpha"; }
};

TEST(IdentityJoin, LeavesPlainNamesFreeWhereItHasNotJoined) {
  const Taken handles;
  JoinCommand plain = as("alpha");
  plain.handles = &handles;
  Scene elsewhere;
  EXPECT_EQ(elsewhere.try_join(plain)->callsign, "alpha");
  Scene band({.band = true});
  EXPECT_EQ(code_of(band.try_join(plain)), ErrorCode::callsign_taken);
  Scene joined;
  const auto owner = joined.try_join(with_key("alpha"));
  joined.channel.apply(*joined.channel.decide_leave(owner->session_id, joined.now), joined.now);
  EXPECT_EQ(code_of(joined.try_join(plain)), ErrorCode::callsign_taken) << "also when it is away";
}

TEST(IdentityJoin, IsRememberedInWhatTheJournalKeeps) {
  Scene before;
  before.try_join(with_key("alpha"));
  Scene after;
  after.channel.apply(before.channel.snapshot(), after.now);
  EXPECT_EQ(code_of(after.try_join(as("alpha"))), ErrorCode::callsign_taken);
}

TEST(IdentityJoin, WaitsForWhoHoldsItsCallsignWithoutTheKey) {
  for (const OnCollision on_collision :
       {OnCollision::merge, OnCollision::reject, OnCollision::rename}) {
    Scene scene({.on_collision = on_collision});
    const auto plain = scene.try_join(as("alpha"));
    const auto refused = scene.try_join(with_key("alpha"));
    EXPECT_EQ(code_of(refused), ErrorCode::callsign_taken);
    EXPECT_NE(refused.error().hint.find("X-Session-Id along with the key"), std::string::npos);
    EXPECT_TRUE(scene.channel.find_session(plain->session_id, scene.now));
    EXPECT_EQ(scene.try_join(as("alpha", plain->session_id))->session_id, plain->session_id);

    scene.channel.apply(*scene.channel.decide_leave(plain->session_id, scene.now), scene.now);
    EXPECT_EQ(scene.try_join(with_key("alpha"))->callsign, "alpha");
    EXPECT_EQ(code_of(scene.try_join(as("alpha", plain->session_id))), ErrorCode::callsign_taken);
  }
}

TEST(IdentityJoin, AlsoWhenItChangesItsOwnCallsign) {
  Scene scene;
  const auto plain = scene.try_join(as("alpha"));
  const auto other = scene.try_join(with_key("bravo"));
  JoinCommand renamed = with_key("alpha");
  renamed.session_id = other->session_id;
  EXPECT_EQ(code_of(scene.try_join(renamed)), ErrorCode::callsign_taken);
  scene.channel.apply(*scene.channel.decide_leave(plain->session_id, scene.now), scene.now);
  const auto owner = scene.try_join(renamed);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->session_id, other->session_id);
  EXPECT_EQ(owner->callsign, "alpha");
}

// Whoever shared the session, or had it before, knows its id.
TEST(IdentityJoin, GivesNoSessionThatWasHadWithoutTheKey) {
  for (const std::string callsign : {"alpha", "bravo"}) {
    Scene scene;
    const auto before = scene.try_join(as(callsign));
    JoinCommand command = with_key("alpha");
    command.session_id = before->session_id;
    const auto owner = scene.try_join(command);
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->callsign, "alpha");
    EXPECT_NE(owner->session_id, before->session_id);
    EXPECT_FALSE(scene.channel.find_session(before->session_id, scene.now));
    EXPECT_EQ(scene.channel.agent_count(), 1u);
  }
}

void expire(Scene& scene, const std::string& session_id) {
  scene.pass(kSessionTtlDefault);
  const SessionNo session = *scene.channel.find_session(session_id, scene.now);
  scene.channel.apply(*scene.channel.decide_expiry(session, scene.now), scene.now);
}

TEST(IdentityJoin, GetsTheIdBackOfASessionThatItsKeyHasOpened) {
  for (const bool named : {true, false}) {
    Scene scene;
    const auto first = scene.try_join(with_key("alpha"));
    expire(scene, first->session_id);
    JoinCommand again = with_key("alpha");
    if (named) again.session_id = first->session_id;
    EXPECT_EQ(scene.try_join(again)->session_id, first->session_id);
  }
}

TEST(IdentityJoin, GetsNoIdBackThatOthersMayKnow) {
  for (const bool named : {true, false}) {
    for (const bool squatted : {true, false}) {
      Scene scene;
      const auto first = scene.try_join(squatted ? as("alpha") : with_key("alpha"));
      expire(scene, first->session_id);
      scene.channel.end_key_of("alpha");
      JoinCommand owner = with_key("alpha");
      if (named) owner.session_id = first->session_id;
      EXPECT_NE(scene.try_join(owner)->session_id, first->session_id);
      EXPECT_FALSE(scene.channel.find_session(first->session_id, scene.now));
    }
  }
}

TEST(IdentityJoin, IsTheOnlyWayOntoAChannelThatRequiresIt) {
  Scene scene({.require_identity = true});
  EXPECT_EQ(code_of(scene.try_join(as("alpha"))), ErrorCode::forbidden);
  EXPECT_TRUE(scene.try_join(with_key("alpha")));
}

}  // namespace
}  // namespace rogerthat::core
