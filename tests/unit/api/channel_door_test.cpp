// Every door of a channel against everything that somebody may show there, as one table.
#include "api/access/channel_door.h"

#include "mcp_scene.h"

namespace rogerthat::api {
namespace {

// What becomes of whoever shows something.
enum class Then : std::uint8_t {
  in,
  asked,     // nothing was shown that is for this channel: no guess
  wrong,     // a guess, and counted as one
  too_many,  // refused unseen, or with the last guess of the minute
};

constexpr std::string_view kHubToken = "the-token-of-the-hub";

ApiOptions with_hub_token() {
  ApiOptions options;
  options.hub_token = sha256(kHubToken);
  return options;
}

class Doors : public McpScene {
 protected:
  explicit Doors(ApiOptions with = with_hub_token()) : McpScene(std::move(with)) {}

  void SetUp() override {
    Agent owner = stateless();
    owner.caller->hub_token = kHubToken;
    for (Channel* one : {&here, &there}) {
      const Outcome made = call(owner, "create_channel");
      *one = {field(made, "channel_id"), field(made, "join_token")};
    }
    handle = join(stateless(), here, "ann");
    handle_elsewhere = join(stateless(), there, "ann");
    right = "Bearer " + here.token;
  }

  Then at(const Door& door, const Shown& shown, std::string_view channel = {}) {
    const hub::ChannelEntry* const entry = hub.shard(0).find(channel.empty() ? here.id : channel);
    EXPECT_NE(entry, nullptr);
    const std::uint64_t before = guesses();
    const Asker who{services, hub.shard(0), {}, true};
    const auto may = may_use(who, *entry, door, shown);
    if (may) return Then::in;
    EXPECT_FALSE(may.error().message.empty());
    if (may.error().code == ErrorCode::rate_limited) return Then::too_many;
    EXPECT_FALSE(may.error().hint.empty()) << may.error().message;
    return guesses() > before ? Then::wrong : Then::asked;
  }

  std::uint64_t guesses() const {
    for (const watch::RefusalCount& refusal : counters.refusals()) {
      if (refusal.reason == "wrong_secret") return refusal.count;
    }
    return 0;
  }

  Channel here, there;
  std::string handle, handle_elsewhere;
  std::string right;
};

TEST_F(Doors, WhatOpensThem) {
  const std::string hub_bearer = "Bearer " + std::string(kHubToken);
  struct Row {
    std::string_view what;
    Shown shown;
    Then rest, endpoint, tool, join;
  };
  using enum Then;
  const std::string other = "Bearer " + there.token;
  const std::string basic = "Basic " + here.token;
  const Row rows[] = {
      {"nothing", {}, asked, asked, asked, asked},
      {"the join_token", {.credentials = {right, {}}}, in, in, in, in},
      {"another channel's", {.credentials = {other, {}}}, wrong, wrong, asked, asked},
      {"another scheme", {.credentials = {basic, {}}}, asked, asked, asked, asked},
      {"the hub's token", {.credentials = {hub_bearer, {}}}, wrong, in, asked, asked},
      {"... in its header", {.credentials = {{}, kHubToken}}, asked, in, asked, asked},
      {"a wrong one there", {.credentials = {{}, "wrong"}}, asked, wrong, asked, asked},
      {"both", {.credentials = {right, kHubToken}}, in, in, in, in},
      {"a handle of the channel", {.handle = handle}, asked, asked, in, in},
      // It is this hub's, so nobody guessed it; what it is used for finds that it is not on.
      {"a handle of another", {.handle = handle_elsewhere}, asked, asked, in, asked},
      {"a handle made up", {.handle = "0123456789abcdef0123456789ab"}, asked, asked, wrong, asked},
      {"let in before", {.let_in_before = true}, in, in, in, in},
      {"at this machine", {.at_this_machine = true}, asked, asked, asked, asked},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(at(kRestDoor, row.shown), row.rest) << row.what;
    EXPECT_EQ(at(kEndpointDoor, row.shown), row.endpoint) << row.what;
    EXPECT_EQ(at(kToolDoor, row.shown), row.tool) << row.what;
    EXPECT_EQ(at(kJoinDoor, row.shown), row.join) << row.what;
  }
}

TEST_F(Doors, ATokenThatIsNamedGoesBeforeTheBearer) {
  EXPECT_EQ(at(kJoinDoor, {.token = here.token}), Then::in);
  EXPECT_EQ(at(kJoinDoor, {.credentials = {"Bearer x", {}}, .token = here.token}), Then::in);
  EXPECT_EQ(at(kJoinDoor, {.credentials = {right, {}}, .token = there.token}), Then::wrong);
  EXPECT_EQ(at(kJoinDoor, {.token = "wrong", .handle = handle}), Then::wrong);
}

TEST_F(Doors, OnBandsTheHubsTokenIsAskedForOnce) {
  const Shown nothing, header{.credentials = {{}, kHubToken}};
  for (const Door* door : {&kRestDoor, &kEndpointDoor}) {
    EXPECT_EQ(at(*door, nothing, "general"), Then::asked);
    EXPECT_EQ(at(*door, header, "general"), Then::in);
    EXPECT_EQ(at(*door, {.credentials = {right, {}}}, "general"), Then::wrong);
  }
  for (const Door* door : {&kToolDoor, &kJoinDoor}) {
    EXPECT_EQ(at(*door, nothing, "general"), Then::in);  // /mcp has asked
  }
}

// A join_token is nothing that could be guessed; the hub's token is what somebody chose, and so a
// door that takes it takes nothing beyond the limit.
TEST_F(Doors, BeyondTheLimitOfGuesses) {
  const std::uint32_t limit = options.site.limits.of(hub::Limited::wrong_secret);
  for (std::uint32_t i = 0; i < limit; ++i) {
    EXPECT_EQ(at(kRestDoor, {.credentials = {"Bearer wrong", {}}}), Then::wrong) << i;
  }
  const Shown wrong{.credentials = {"Bearer wrong", {}}};
  const Shown token{.credentials = {right, {}}};
  EXPECT_EQ(at(kRestDoor, wrong), Then::too_many);
  EXPECT_EQ(at(kRestDoor, token), Then::in);
  EXPECT_EQ(at(kEndpointDoor, wrong), Then::too_many);
  EXPECT_EQ(at(kEndpointDoor, token), Then::too_many);
  EXPECT_EQ(at(kEndpointDoor, {.credentials = {{}, kHubToken}}), Then::too_many);
  EXPECT_EQ(at(kToolDoor, {.handle = handle}), Then::too_many);
  EXPECT_EQ(at(kToolDoor, token), Then::in);
  EXPECT_EQ(at(kJoinDoor, {.token = "wrong"}), Then::too_many);
  EXPECT_EQ(at(kJoinDoor, {.handle = handle}), Then::too_many);
  EXPECT_EQ(at(kJoinDoor, {.token = here.token}), Then::in);
}

class DoorsWithoutHubToken : public Doors {
 protected:
  DoorsWithoutHubToken() : Doors(ApiOptions()) {}
};

TEST_F(DoorsWithoutHubToken, BandsAreOpenAndSoIsTheEndpointAtHome) {
  EXPECT_EQ(at(kRestDoor, {}, "general"), Then::in);
  EXPECT_EQ(at(kEndpointDoor, {}, "general"), Then::in);
  const Shown home{.at_this_machine = true};
  EXPECT_EQ(at(kEndpointDoor, home), Then::in);
  EXPECT_EQ(at(kEndpointDoor, {}), Then::asked);
  EXPECT_EQ(at(kRestDoor, home), Then::asked);
  EXPECT_EQ(at(kToolDoor, home), Then::asked);
  // Whoever shows something means it.
  EXPECT_EQ(at(kEndpointDoor, {.credentials = {"Bearer x", {}}, .at_this_machine = true}),
            Then::wrong);
}

}  // namespace
}  // namespace rogerthat::api
