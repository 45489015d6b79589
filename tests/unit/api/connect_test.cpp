#include "api/texts/connect.h"

#include <set>

#include <gtest/gtest.h>

#include "api/texts/snippets.h"
#include "text_samples.h"

namespace rogerthat::api {
namespace {

const std::vector<std::string> kEditions = {"",     "claude", "codex",     "cursor", "cline",
                                            "kimi", "gemini", "aider",     "park",   "live",
                                            "go",   "team",   "codex-park"};

std::string connect_json(const View& view, const ChannelFacts& channel) {
  std::string out;
  JsonWriter json(out);
  write_connect(json, view, channel);
  return out;
}

std::string text_of(const std::string& json, std::string_view key) {
  const auto document = JsonDocument::parse(json);
  return std::string(document->find(key)->string());
}

TEST(Connect, HoldsEveryKeyThatClientsRead) {
  const Sample sample;
  const std::string json = connect_json(sample.view(), sample.channel());
  const auto connect = JsonDocument::parse(json);
  ASSERT_TRUE(connect.has_value()) << json;
  for (const char* key :
       {"agent_prompt", "claude_code", "codex_toml", "curl_test", "rest_bash_loop"}) {
    ASSERT_TRUE(connect->find(key).has_value()) << key;
    EXPECT_TRUE(connect->find(key)->is(JsonValue::Type::string)) << key;
  }
  for (const char* key : {"cursor_json", "claude_desktop_json", "vscode_cline_json"}) {
    const auto entry = connect->find(key)->find("mcpServers")->find("rogerthat");
    EXPECT_EQ(entry->find("url")->string(), "http://127.0.0.1:7424/mcp/swift-otter-1a2b");
    EXPECT_EQ(entry->find("headers")->find("Authorization")->string(),
              "Bearer Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE");
  }
  const auto sdk = connect->find("anthropic_sdk");
  EXPECT_EQ(sdk->find("type")->string(), "url");
  EXPECT_EQ(sdk->find("url")->string(), "http://127.0.0.1:7424/mcp/swift-otter-1a2b");
  EXPECT_EQ(sdk->find("name")->string(), "rogerthat");
  EXPECT_EQ(sdk->find("authorization_token")->string(), sample.channel().token);
}

TEST(Connect, EverySnippetIsShell) {
  Sample sample;
  std::set<std::string> snippets;  // many editions share most of them
  for (const bool identity : {false, true}) {
    for (const bool band : {false, true}) {
      sample.options.require_identity = identity;
      sample.options.band = band;
      sample.site.hub_token_needed = band;
      for (const std::string& edition : kEditions) {
        const std::string json = connect_json(sample.view(edition), sample.channel());
        for (const char* key : {"claude_code", "curl_test", "rest_bash_loop"}) {
          snippets.insert(text_of(json, key));
        }
        const auto blocks = bash_blocks(text_of(json, "agent_prompt"));
        EXPECT_GE(blocks.size(), 4u) << edition;
        snippets.insert(blocks.begin(), blocks.end());
        snippets.insert(peer_invite(sample.view(edition), sample.channel()));
      }
    }
  }
  for (const std::string& snippet : snippets) expect_valid_shell(snippet);
}

TEST(Connect, EditionsLeadWithWhatWorksThere) {
  const Sample sample;
  std::set<std::string> prompts;
  for (const std::string& edition : kEditions) {
    prompts.insert(agent_prompt(sample.view(edition), sample.channel()));
  }
  // park, go and team wait in the same way; codex-park is codex.
  EXPECT_EQ(prompts.size(), kEditions.size() - 3);

  const auto receive_block = [&](std::string_view edition) {
    return bash_blocks(agent_prompt(sample.view(edition), sample.channel())).at(1);
  };
  for (const char* edition : {"claude", "codex", "kimi", "aider", "park", "go"}) {
    EXPECT_NE(receive_block(edition).find("/wait?timeout=300"), std::string::npos) << edition;
  }
  for (const char* edition : {"", "cursor", "gemini", "live"}) {
    EXPECT_NE(receive_block(edition).find("/wait?timeout=50'"), std::string::npos) << edition;
    EXPECT_TRUE(receive_block(edition).starts_with("curl ")) << edition;
  }
  EXPECT_NE(receive_block("cline").find("/stream'"), std::string::npos);
  for (const core::Harness& harness : core::harnesses()) {
    const std::string prompt = agent_prompt(sample.view(harness.name), sample.channel());
    EXPECT_NE(prompt.find(harness.wake), prompt.npos) << harness.name;
  }
}

TEST(Connect, PromptIsShort) {
  Sample sample;
  sample.origin = "https://hub.example.com";
  for (const std::string& edition : kEditions) {
    EXPECT_LE(agent_prompt(sample.view(edition), sample.channel()).size(), 2200u) << edition;
  }
}

TEST(Connect, OwnerPasswordGoesAlongOnlyWhereTrustDependsOnIt) {
  Sample sample;
  sample.owner_password = "it's \"me\" $HOME \\ `id`";
  EXPECT_EQ(agent_prompt(sample.view(), sample.channel()).find("owner_password"),
            std::string::npos);
  sample.options.trust_mode = core::TrustMode::trusted;
  EXPECT_NE(agent_prompt(sample.view(), sample.channel()).find("owner_password"),
            std::string::npos);
  const std::string invite = peer_invite(sample.view(), sample.channel());
  EXPECT_NE(invite.find("&p=it%27s%20%22me%22%20%24HOME%20%5C%20%60id%60"), std::string::npos)
      << invite;
}

TEST(Connect, InviteIsOneLineWithALinkAndACommand) {
  const Sample sample;
  const std::string invite = peer_invite(sample.view(), sample.channel());
  EXPECT_EQ(invite.find('\n'), invite.npos);
  EXPECT_NE(invite.find("http://127.0.0.1:7424/c/swift-otter-1a2b"
                        "#t=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE&cs=amber-heron"),
            invite.npos);
  EXPECT_NE(invite.find("http://127.0.0.1:7424/api/channels/swift-otter-1a2b/join"), invite.npos);
}

// A curl that answers like the hub and notes what it was asked. State is in files, because the
// commands call it in subshells.
constexpr const char* kFakeCurl = R"bash(
sleep() { :; }
curl() {
  local url= out= config= body= header= next=
  for a in "$@"; do
    case $next in
      out) out=$a ;; config) config=$a ;; data) body=$a ;; header) header=$a ;;
    esac
    next=
    case $a in
      http*) url=$a ;; -o) next=out ;; -*K) next=config ;; -d) next=data ;;
      -H) next=header ;;
    esac
  done
  [ "$config" = - ] && config=/dev/stdin
  [ "$body" = @- ] && body=$(cat)
  [ "$body" = @- ] && body=
  printf '%s | %s | %s\n' "${url#*/swift-otter-1a2b}" "$body" "$([ "$config" ] && tr '\n' ';' <"$config" || echo "$header")" >>~/asked
  case $url in
    */join) printf '{"session_id":"sess-%s","callsign":"amber-heron","history":[{"text":"\\"session_id\\":\\"forged\\""}]}' "$(grep -c join ~/asked)" ;;
    */listen*)
      local n=$(grep -c listen ~/asked)
      cp ~/answer.$n "$out" 2>/dev/null || printf '{"error":"gone"}' >"$out"
      [ -e ~/answer.$n ] && printf 200 || { [ $n = 2 ] && printf 410 || printf 401; } ;;
    */wait?timeout=300)
      if [ "$(grep -c timeout=300 ~/asked)" = 1 ]; then printf '{"messages":[],"timed_out":true}'
      else printf '{"messages":[{"id":5,"from":"bo","to":"all","text":"hi","at":1}]}'; fi ;;
    *) printf '{"ok":true}' ;;
  esac
}
)bash";

TEST(ConnectInBash, JoinKeepsTokenAndSessionInAPrivateFile) {
  const Bash bash;
  const Sample sample;
  const auto blocks = bash_blocks(agent_prompt(sample.view(), sample.channel()));
  const BashRun run = bash.run(kFakeCurl + blocks.at(0));
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_NE(run.output.find("\"session_id\":\"sess-1\""), std::string::npos)
      << "the agent sees the answer";
  EXPECT_EQ(bash.file(".rr-swift-otter-1a2b.amber-heron"),
            "header = \"Authorization: Bearer Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE\"\n"
            "header = \"X-Session-Id: sess-1\"\n");
  using std::filesystem::perms;
  EXPECT_EQ(
      bash.permissions(".rr-swift-otter-1a2b.amber-heron") & (perms::group_all | perms::others_all),
      perms::none);
}

TEST(ConnectInBash, EveryLaterCommandWorksInAShellOfItsOwn) {
  const Bash bash;
  const Sample sample;
  const auto blocks = bash_blocks(agent_prompt(sample.view(), sample.channel()));
  for (const std::size_t i : {0u, 1u, 3u}) {
    const BashRun run = bash.run(kFakeCurl + blocks.at(i));
    EXPECT_EQ(run.exit_code, 0) << run.output;
  }
  const std::string asked = bash.file("asked");
  const std::string headers =
      "header = \"Authorization: Bearer Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE\";"
      "header = \"X-Session-Id: sess-1\";";
  EXPECT_NE(asked.find("/wait?timeout=50 |  | " + headers), std::string::npos) << asked;
  EXPECT_NE(asked.find("/send | {\"to\":\"all\",\"message\":\"It's me, \\\"quotes\\\" and all."),
            std::string::npos)
      << asked;
  bash.run(kFakeCurl + blocks.at(4));
  EXPECT_FALSE(bash.exists(".rr-swift-otter-1a2b.amber-heron")) << "leaving removes the secrets";
}

TEST(ConnectInBash, WakeCommandEndsWithTheMessage) {
  const Bash bash;
  const Sample sample;
  const auto blocks = bash_blocks(agent_prompt(sample.view("claude"), sample.channel()));
  bash.run(kFakeCurl + blocks.at(0));
  const BashRun run = bash.run(kFakeCurl + blocks.at(1));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.output,
            "{\"messages\":[{\"id\":5,\"from\":\"bo\",\"to\":\"all\",\"text\":\"hi\",\"at\":1}]}\n")
      << "an empty answer does not end it";
}

TEST(ConnectInBash, OwnerPasswordSurvivesTheShell) {
  const Bash bash;
  Sample sample;
  sample.options.trust_mode = core::TrustMode::trusted;
  sample.owner_password = "it's \"me\" $HOME \\ `id`";
  bash.run(kFakeCurl + bash_blocks(agent_prompt(sample.view(), sample.channel())).at(0));
  const std::string password = R"("owner_password":"it's \"me\" $HOME \\ `id`")";
  EXPECT_NE(bash.file("asked").find(password), std::string::npos) << bash.file("asked");

  bash.run(kFakeCurl + peer_invite(sample.view(), sample.channel()));
  EXPECT_NE(bash.file("asked").find("/join | {\"callsign\":\"amber-heron\"," + password + "} | "),
            std::string::npos)
      << bash.file("asked");

  sample.options.require_identity = true;
  for (const std::string& join : {bash_blocks(agent_prompt(sample.view(), sample.channel())).at(1),
                                  peer_invite(sample.view(), sample.channel())}) {
    const BashRun run = bash.run("RR_IDENTITY_KEY=rtid_x\n" + (kFakeCurl + join));
    EXPECT_EQ(run.exit_code, 0) << run.output;
  }
  const std::string asked = bash.file("asked");
  const std::string keyed = "/join | {\"identity_key\":\"rtid_x\"," + password + "} | ";
  EXPECT_NE(asked.find(keyed), asked.npos) << asked;
  EXPECT_NE(asked.find(keyed, asked.find(keyed) + 1), asked.npos) << asked;
}

TEST(ConnectInBash, InviteAndTestRunAsTheyStand) {
  const Bash bash;
  const Sample sample;
  const BashRun invite = bash.run(kFakeCurl + peer_invite(sample.view(), sample.channel()));
  EXPECT_EQ(invite.exit_code, 0) << invite.output;
  EXPECT_NE(bash.file("asked").find("/join | {\"callsign\":\"amber-heron\"} | "
                                    "Authorization: Bearer Zm9vYmFyYmF6"),
            std::string::npos)
      << bash.file("asked");

  const std::string test = text_of(connect_json(sample.view(), sample.channel()), "curl_test");
  EXPECT_EQ(bash.run(kFakeCurl + test).exit_code, 0);
  EXPECT_NE(bash.file("asked").find("/stats |  | header = \"Authorization: Bearer Zm9v"),
            std::string::npos);
}

TEST(ConnectInBash, IdentityComesFromTheEnvironmentOrFromTheFileThatItWasMadeIn) {
  const Bash bash;
  Sample sample;
  sample.options.require_identity = true;
  const std::string prompt = agent_prompt(sample.view(), sample.channel());
  EXPECT_EQ(prompt.find("amber-heron"), prompt.npos) << "its callsign is not ours to pick";
  const std::string join = bash_blocks(prompt).at(1);
  bash.run(std::string("RR_IDENTITY_KEY=rtid_x\n") + kFakeCurl + join);
  EXPECT_NE(bash.file("asked").find(R"(/join | {"identity_key":"rtid_x"})"), std::string::npos);

  bash.run(R"(echo '{"callsign":"bo","identity_key":"rtid_y"}' >~/.rr-identity-127.0.0.1_7424)"
           "\n" +
           (kFakeCurl + join));
  EXPECT_NE(bash.file("asked").find(R"(/join | {"identity_key":"rtid_y"})"), std::string::npos);
}

TEST(ConnectInBash, LoopPrintsALineAMessageResumesAndRejoins) {
  const Bash bash;
  const Sample sample;
  const std::string loop = text_of(connect_json(sample.view(), sample.channel()), "rest_bash_loop");
  const std::string answers = R"bash(
printf '%s' '{"messages":[{"id":11,"from":"bo","to":"all","text":"one },\n{\"id\":99} },","at":1},{"id":12,"from":"bo","to":"all","text":"pic","at":2,"attachments":[{"mime":"image/png","data_base64":"AAAA"}]}],"timed_out":false}' >~/answer.1
printf '%s' '{"messages":[{"id":13,"from":"bo","to":"amber-heron","text":"two","at":3}],"timed_out":false,"gap":{"dropped":2,"oldest_id":13}}' >~/answer.3
)bash";
  const BashRun run = bash.run(kFakeCurl + answers + loop);
  EXPECT_EQ(run.exit_code, 1) << "a wrong token ends it";
  EXPECT_EQ(run.output,
            "{\"id\":11,\"from\":\"bo\",\"to\":\"all\",\"text\":\"one },\\n{\\\"id\\\":99} "
            "},\",\"at\":1}\n"
            "{\"id\":12,\"from\":\"bo\",\"to\":\"all\",\"text\":\"pic\",\"at\":2,\"attachments\":[{"
            "\"mime\":\"image/png\",\"data_base64\":\"...\"}]}\n"
            "{\"id\":13,\"from\":\"bo\",\"to\":\"amber-heron\",\"text\":\"two\",\"at\":3}\n"
            "\"gap\":{\"dropped\":2,\"oldest_id\":13}\n"
            "This listener has ended. {\"error\":\"gone\"}\n");
  const std::string asked = bash.file("asked");
  const auto position = [&](std::string_view text, std::size_t from = 0) {
    const std::size_t at = asked.find(text, from);
    EXPECT_NE(at, asked.npos) << text << "\nin\n" << asked;
    return at;
  };
  const std::size_t first = position("/listen?timeout=60 |");
  const std::size_t resumed = position("/listen?timeout=60&since=12 |", first);
  const std::size_t rejoined = position("/join | {\"callsign\":\"amber-heron\"}", resumed);
  position("/listen?timeout=60&since=12 |", rejoined);
  position("X-Session-Id: sess-2", rejoined);
  position("/listen?timeout=60&since=13 |", rejoined);
}

TEST(Connect, TheBridgeGetsItsTokenByTheEnvironment) {
  Sample sample;
  std::string json = connect_json(sample.view(), sample.channel());
  const std::string token(sample.channel().token);
  const std::string server =
      R"("stdio_json":{"mcpServers":{"rogerthat":{"command":"rogerthat","args":["mcp","--origin",)"
      R"("http://127.0.0.1:7424","--channel","swift-otter-1a2b"],"env":)"
      R"({"ROGERTHAT_CHANNEL_TOKEN":")" +
      token + "\"}}}}";
  EXPECT_NE(json.find(server), json.npos) << json;

  sample.site.client_command = "npx -y rogerthat";
  sample.options.band = true;
  json = connect_json(sample.view(), sample.channel());
  EXPECT_NE(json.find(R"("command":"npx","args":["-y","rogerthat","mcp",)"), json.npos) << json;
  EXPECT_EQ(json.find("ROGERTHAT_CHANNEL_TOKEN"), json.npos) << "a band needs none";
}

TEST(Connect, CommandsOfAnInboxAreBashAndKeepTheirSecretsToThemselves) {
  const Place place{.origin = "http://127.0.0.1:7424",
                    .channel_id = "swift-otter-1a2b",
                    .token = "the-token",
                    .callsign = "amber-heron",
                    .owner_password = "the-password",
                    .identity_key = "rtid_key",
                    .identity_needed = true};
  for (const std::string& command :
       {inbox_listener(place), inbox_monitor(place), inbox_doorbell(place)}) {
    expect_valid_shell(command);
  }
  EXPECT_NE(
      inbox_listener(place).find(R"({"identity_key":"rtid_key","owner_password":"the-password"})"),
      std::string::npos);
  for (const std::string& command : {inbox_monitor(place), inbox_doorbell(place)}) {
    EXPECT_EQ(command.find("rtid_key"), std::string::npos);
    EXPECT_EQ(command.find("the-token"), std::string::npos);
  }
}

TEST(Connect, ADoorbellTellsEveryLineOnceAndNoHalfOne) {
  const Place place{.channel_id = "swift-otter-1a2b", .callsign = "amber-heron"};
  const std::string inbox = state_file(place) + ".inbox";
  const Bash bash;
  const auto ring = [&](const std::string& before) {
    return bash.run(before + "\n: >" + state_file(place) + "\ntimeout 5 sh <<'END'\n" +
                    inbox_doorbell(place) + "\nEND\n");
  };
  EXPECT_EQ(ring("printf 'one\\ntwo\\nhal' >>" + inbox).output, "one\ntwo\n");
  EXPECT_EQ(ring("printf 'f\\n' >>" + inbox).output, "half\n");
}

}  // namespace
}  // namespace rogerthat::api
