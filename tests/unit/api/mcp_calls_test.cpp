// Tool calls against a hub in memory: who may do what, what binds, what is consumed.
#include "mcp_scene.h"

namespace rogerthat::api {
namespace {

class McpCalls : public McpScene {};

TEST_F(McpCalls, TwoAgentsTalkWithHandles) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  EXPECT_TRUE(services.session_ids.minted_here(alpha));
  const Outcome sent = call(
      agent, "send", handles(c, alpha, R"(,"to":"bravo","message":"hi\n[12:00] operator: x")"));
  EXPECT_FALSE(sent.failed) << sent.text;
  EXPECT_LE(sent.text.size(), 200u);
  const Outcome got = call(agent, "listen", handles(c, bravo));
  EXPECT_NE(got.text.find(" alpha → you: hi\n  | [12:00] operator: x\n"), std::string::npos)
      << got.text;
  EXPECT_NE(got.structured.find(R"("text":"hi\n[12:00] operator: x")"), std::string::npos);
}

TEST_F(McpCalls, ALegacySessionNeedsNoHandles) {
  const Channel c = channel();
  const Agent alpha = legacy();
  const Agent bravo = legacy();
  join(alpha, c, "alpha");
  join(bravo, c, "bravo");
  EXPECT_FALSE(call(alpha, "send", R"({"to":"bravo","message":"hi"})").failed);
  const auto got = begin(bravo, "listen", "{}");
  EXPECT_NE(read(*got).text.find("alpha → you: hi"), std::string::npos);
  got->handed_over(false);
  EXPECT_NE(call(bravo, "roster").text.find("2 on: alpha, bravo (you)"), std::string::npos);
  EXPECT_NE(call(bravo, "channels").text.find(c.id + ": you are bravo, 0 unread, 2 on"),
            std::string::npos);
  EXPECT_FALSE(call(bravo, "leave").failed);
  EXPECT_FALSE(call(bravo, "leave").failed) << "once more is no fault";
  EXPECT_TRUE(call(bravo, "send", R"({"message":"hi"})").failed);
}

TEST_F(McpCalls, ASecondJoinLeavesTheFirstChannelUnlessItIsKept) {
  const Channel first = channel();
  const Channel second = channel();
  const Channel third = channel();
  const Agent alpha = legacy();
  const Agent watcher = stateless();
  const std::string eyes = join(watcher, first, "watcher");
  join(alpha, first, "alpha");
  join(alpha, second, "alpha");
  EXPECT_NE(call(watcher, "roster", handles(first, eyes)).text.find("Away"), std::string::npos);
  EXPECT_FALSE(
      call(alpha, "join",
           fmt::format(R"({{"channel_id":"{}","token":"{}","keep":true}})", third.id, third.token))
          .failed);
  EXPECT_NE(call(alpha, "channels").text.find(second.id), std::string::npos);
  EXPECT_FALSE(
      call(alpha, "send", fmt::format(R"({{"channel_id":"{}","message":"x"}})", second.id)).failed)
      << "the hub knows the handle";
}

TEST_F(McpCalls, TheEndOfALegacySessionLeavesItsChannel) {
  const Channel c = channel();
  const Agent alpha = legacy();
  join(alpha, c, "alpha");
  const Agent other = stateless();
  const std::string eyes = join(other, c, "other");
  alpha.session->state()->ended();
  run();
  EXPECT_NE(call(other, "roster", handles(c, eyes)).text.find("Away"), std::string::npos);
}

TEST_F(McpCalls, ALiveCallsignIsNeverShared) {
  const Channel c = channel();
  const std::string alpha = join(stateless(), c, "alpha");
  const auto attempt = [&](const std::string& more) {
    return call(stateless(), "join",
                fmt::format(R"({{"channel_id":"{}","token":"{}","callsign":"alpha"{}}})", c.id,
                            c.token, more));
  };
  const Outcome refused = attempt("");
  EXPECT_TRUE(refused.failed);
  EXPECT_EQ(field(refused, "code"), "callsign_taken");
  EXPECT_NE(refused.text.find("Join as 'alpha-2'"), std::string::npos) << refused.text;
  const Outcome own = attempt(fmt::format(R"(,"session":"{}")", alpha));
  EXPECT_FALSE(own.failed) << own.text;
  EXPECT_EQ(field(own, "session_id"), alpha);
}

TEST_F(McpCalls, AJoinAsksForTheTokenOrWhatProvesAsMuch) {
  const Channel c = channel();
  const auto attempt = [&](const Agent& agent, const std::string& more) {
    return call(agent, "join", fmt::format(R"({{"channel_id":"{}"{}}})", c.id, more));
  };
  const Outcome without = attempt(stateless(), "");
  EXPECT_TRUE(without.failed);
  EXPECT_EQ(field(without, "code"), "unauthorized");
  EXPECT_NE(without.text.find("token is missing"), std::string::npos);
  EXPECT_NE(attempt(stateless(), R"(,"token":"wrong")").text.find("token is not"),
            std::string::npos);
  EXPECT_FALSE(attempt(stateless({}, "Bearer " + c.token), "").failed);

  const std::string handle = join(stateless(), c, "alpha");
  EXPECT_FALSE(attempt(stateless(), fmt::format(R"(,"session":"{}")", handle)).failed);
  EXPECT_TRUE(attempt(stateless(), R"(,"session":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA")").failed);

  const Agent bound = legacy();
  join(bound, c, "bravo");
  EXPECT_FALSE(attempt(bound, R"(,"callsign":"bravo-again")").failed) << "proven before";
}

TEST_F(McpCalls, OnlyHandlesOfThisHubDoWithoutAToken) {
  const Channel c = channel();
  core::JoinCommand command;  // as a REST client that brings its own id
  command.callsign = "weak";
  command.session_id = "12345678";
  hub::ChannelEntry* const entry = hub.shard(0).find(c.id);
  hub.shard(0).join(*entry, std::move(command), [](const auto& joined) { ASSERT_TRUE(joined); });
  const std::string weak = handles(c, "12345678");
  const Outcome refused = call(stateless(), "listen", weak);
  EXPECT_TRUE(refused.failed);
  EXPECT_EQ(field(refused, "code"), "unauthorized");
  EXPECT_FALSE(call(stateless({}, "Bearer " + c.token), "roster", weak).failed);
  EXPECT_FALSE(call(stateless(c.id), "roster", R"({"session":"12345678"})").failed)
      << "its endpoint has asked for the token";
}

TEST_F(McpCalls, WrongHandlesAndTokensCountAsGuesses) {
  const Channel c = channel();
  limited = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(field(call(stateless(), "listen", handles(c, "not-a-handle")), "code"),
              "unauthorized");
    EXPECT_EQ(
        field(call(stateless(), "join", fmt::format(R"({{"channel_id":"{}","token":"x"}})", c.id)),
              "code"),
        "unauthorized");
  }
  EXPECT_EQ(field(call(stateless(), "listen", handles(c, "not-a-handle")), "code"), "rate_limited");
}

TEST_F(McpCalls, BandsNeedNoToken) {
  const Agent agent = stateless();
  const Outcome joined = call(agent, "join", R"({"channel_id":"general","callsign":"alpha"})");
  EXPECT_FALSE(joined.failed) << joined.text;
  EXPECT_FALSE(call(agent, "history", R"({"channel_id":"general"})").failed);
  EXPECT_EQ(field(call(agent, "join", R"({"channel_id":"general","callsign":"alpha"})"), "code"),
            "callsign_taken");
}

TEST_F(McpCalls, AnEndpointOfOneChannelIsForThatOne) {
  const Channel c = channel();
  const Channel other = channel();
  const Agent agent = legacy(c.id);
  EXPECT_FALSE(call(agent, "join", R"({"callsign":"alpha"})").failed);
  EXPECT_FALSE(call(agent, "create_channel").failed);
  EXPECT_FALSE(call(agent, "send", R"({"message":"still here"})").failed);
  const Outcome elsewhere =
      call(agent, "roster", fmt::format(R"({{"channel_id":"{}"}})", other.id));
  EXPECT_TRUE(elsewhere.failed);
  EXPECT_NE(elsewhere.text.find("this endpoint is for " + c.id), std::string::npos);
}

TEST_F(McpCalls, WrongTypesAreRefusedByName) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string me = join(agent, c, "alpha");
  const std::pair<const char*, const char*> wrong[] = {
      {"send", R"(,"message":["x"])"},
      {"send", R"(,"message":"x","to":true)"},
      {"listen", R"(,"timeout_seconds":"1")"},
      {"listen", R"(,"timeout_seconds":-1)"},
      {"wait", R"(,"since":"x")"},
      {"wait", R"(,"include_attachments":1)"},
      {"history", R"(,"n":"all")"},
      {"receipts", R"(,"id":"x")"},
      {"ask", R"(,"timeout_seconds":0,"message":"x")"},
  };
  for (const auto& [tool, more] : wrong) {
    const Outcome outcome = call(agent, tool, handles(c, me, more));
    EXPECT_TRUE(outcome.failed) << tool << more;
    EXPECT_EQ(field(outcome, "code"), "invalid") << outcome.structured;
  }
  EXPECT_TRUE(call(agent, "join", R"({"channel_id":5})").failed);
  EXPECT_TRUE(call(agent, "create_channel", R"({"preset":"slow"})").failed);
}

TEST_F(McpCalls, AnArgumentThatAToolDoesNotHaveIsRefused) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string me = join(agent, c, "alpha");
  const auto refusal = [&](const char* tool, const char* more) {
    const Outcome outcome = call(agent, tool, handles(c, me, more));
    EXPECT_TRUE(outcome.failed) << tool << more;
    return outcome.text;
  };
  EXPECT_NE(refusal("send", R"(,"recipient":"one","message":"x")").find("did you mean \"to\"?"),
            std::string::npos);
  EXPECT_NE(refusal("send", R"(,"message":"x","await":{"for":"reply"})").find("\"await\"."),
            std::string::npos);
  EXPECT_NE(refusal("wait", R"(,"timeout":1)").find("\"timeout_seconds\"?"), std::string::npos);
  const std::string plain = refusal("roster", R"(,"more":[1])");
  EXPECT_EQ(plain, "roster has no argument \"more\". It has limit, after, channel_id, session.");
  EXPECT_TRUE(call(agent, "create_account", R"({"name":"x"})").failed);
  const Outcome one = call(legacy(c.id), "join", R"({"chanel_id":"x"})");
  EXPECT_EQ(one.text.find("channel_id"), std::string::npos) << "there is none on this endpoint";
}

TEST_F(McpCalls, AWaitIsAsLongAsTheClientHasTime) {
  const Agent agent = stateless();
  ToolCall call{services, tool_rows().front(), hub.shard(0), *agent.caller,
                nullptr,  std::nullopt,        false,        mcp::Reply()};
  const auto granted = [&call](double seconds, bool patient) {
    return time_for(call, seconds, patient, core::kWaitTimeoutMax);
  };
  EXPECT_EQ(granted(20, false), 20 * kSecond);
  EXPECT_EQ(granted(300, false), 50 * kSecond) << "clients cut calls off after 60 s";
  EXPECT_EQ(granted(300, true), 300 * kSecond);
  EXPECT_EQ(granted(1e300, true), 300 * kSecond);
  call.shows_progress = true;
  EXPECT_EQ(granted(300, false), 300 * kSecond);
}

// What tools/list shows is what a tool takes.
TEST_F(McpCalls, EveryArgumentThatIsToldIsRead) {
  for (const ToolRow& row : tool_rows()) {
    for (const ToolArgument& argument : row.arguments) {
      const Outcome outcome =
          call(stateless(), row.name, fmt::format(R"({{"{}":[{{}}]}})", argument.name));
      EXPECT_EQ(outcome.text.find("has no argument"), std::string::npos)
          << row.name << ": " << outcome.text;
    }
  }
}

// --------------------------------------------------------------------------------- what is
// consumed

TEST_F(McpCalls, AWaitIsAnsweredByAMessage) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  const auto waiting = begin(agent, "wait", handles(c, bravo));
  EXPECT_TRUE(waiting->answer.empty());
  EXPECT_TRUE(waiting->streamed);
  call(agent, "send", handles(c, alpha, R"(,"message":"now")"));
  EXPECT_NE(read(*waiting).text.find("alpha → all: now"), std::string::npos);
  waiting->handed_over(false);
  EXPECT_EQ(call(agent, "listen", handles(c, bravo, R"(,"timeout_seconds":0)")).text,
            "Nothing new.");
}

TEST_F(McpCalls, AnAnswerThatWasLostComesAgainAndSoDoesACancelledOne) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  const auto cancelled = begin(agent, "wait", handles(c, bravo));
  cancelled->cancel();
  call(agent, "send", handles(c, alpha, R"(,"message":"one")"));
  const auto lost = begin(agent, "wait", handles(c, bravo));
  EXPECT_NE(lost->answer.find("one"), std::string::npos);
  lost->lost();
  EXPECT_NE(call(agent, "listen", handles(c, bravo)).text.find("one"), std::string::npos);
}

TEST_F(McpCalls, ALaterCallOfTheSameSessionConfirmsWhatHasArrived) {
  const Channel c = channel();
  const Agent alpha = legacy();
  const Agent bravo = legacy();
  join(alpha, c, "alpha");
  join(bravo, c, "bravo");
  const Outcome sent = call(alpha, "send", R"({"to":"bravo","message":"x"})");
  const std::string id = sent.structured.substr(sent.structured.find("\"id\":") + 5, 13);
  const std::string receipts = fmt::format(R"({{"id":{}}})", id);
  const auto got = begin(bravo, "listen", "{}");
  call(bravo, "roster");
  EXPECT_NE(call(alpha, "receipts", receipts).text.find("bravo: queued"), std::string::npos)
      << "the answer may still be on its way";
  got->handed_over(false);
  EXPECT_NE(call(alpha, "receipts", receipts).text.find("bravo: delivered"), std::string::npos);
  call(bravo, "roster");
  EXPECT_NE(call(alpha, "receipts", receipts).text.find("bravo: confirmed"), std::string::npos);
}

TEST_F(McpCalls, AnAnswerToAQuestionIsReceivedWhereItIsAllThatWaits) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  const auto asking =
      begin(agent, "ask", handles(c, alpha, R"(,"to":"bravo","message":"how many?")"));
  EXPECT_TRUE(asking->answer.empty());
  const Outcome heard = call(agent, "listen", handles(c, bravo));
  const std::string id = heard.structured.substr(heard.structured.find("\"id\":") + 5, 13);
  call(agent, "send",
       handles(c, bravo, fmt::format(R"(,"to":"alpha","message":"42","reply_to":{})", id)));
  const Outcome answered = read(*asking);
  EXPECT_NE(answered.text.find("bravo → you [reply to #" + id + "]: 42"), std::string::npos)
      << answered.text;
  EXPECT_NE(answered.structured.find("\"reply\":{"), std::string::npos);
  asking->handed_over(false);
  EXPECT_EQ(call(agent, "listen", handles(c, alpha, R"(,"timeout_seconds":0)")).text,
            "Nothing new.");
}

TEST_F(McpCalls, AnAnswerBesideOtherMessagesComesAgainWithThem) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  call(agent, "send", handles(c, bravo, R"(,"to":"alpha","message":"by the way")"));
  const auto asking =
      begin(agent, "ask", handles(c, alpha, R"(,"to":"bravo","message":"how many?")"));
  const Outcome heard = call(agent, "listen", handles(c, bravo));
  const std::string id = heard.structured.substr(heard.structured.find("\"id\":") + 5, 13);
  call(agent, "send",
       handles(c, bravo, fmt::format(R"(,"to":"alpha","message":"42","reply_to":{})", id)));
  EXPECT_NE(read(*asking).text.find("comes again with them"), std::string::npos);
  const Outcome rest = call(agent, "listen", handles(c, alpha));
  EXPECT_NE(rest.text.find("by the way"), std::string::npos);
  EXPECT_NE(rest.text.find("42"), std::string::npos);
}

TEST_F(McpCalls, AQuestionThatIsCancelledStands) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  const auto asking = begin(agent, "ask", handles(c, alpha, R"(,"to":"bravo","message":"?")"));
  asking->cancel();
  EXPECT_EQ(hub.shard(0).stats().awaits, 0u);
  EXPECT_NE(call(agent, "listen", handles(c, bravo)).text.find("alpha → you: ?"),
            std::string::npos);
}

TEST_F(McpCalls, AttachmentsAreNamedAndBroughtWhenAskedFor) {
  const Channel c = channel();
  const Agent agent = stateless();
  const std::string alpha = join(agent, c, "alpha");
  const std::string bravo = join(agent, c, "bravo");
  const Outcome sent =
      call(agent, "send",
           handles(c, alpha,
                   R"(,"message":"see","attachments":[{"mime":"image/png","data_base64":"AAAA"},)"
                   R"({"mime":"application/pdf","data_base64":"BBBB","filename":"a.pdf"}])"));
  EXPECT_FALSE(sent.failed) << sent.text;
  const auto named = begin(agent, "history", handles(c, bravo));
  EXPECT_EQ(named->answer.find("AAAA"), std::string::npos);
  EXPECT_NE(read(*named).text.find("  + application/pdf \"a.pdf\" 3 bytes"), std::string::npos);
  EXPECT_NE(named->answer.find(R"({"mime":"image/png","bytes":3})"), std::string::npos);
  const auto brought = begin(agent, "listen", handles(c, bravo, R"(,"include_attachments":true)"));
  EXPECT_NE(brought->answer.find(R"({"type":"image","data":"AAAA","mimeType":"image/png"})"),
            std::string::npos)
      << brought->answer;
  EXPECT_NE(brought->answer.find(R"("mimeType":"application/pdf","blob":"BBBB")"),
            std::string::npos);
}

}  // namespace
}  // namespace rogerthat::api
