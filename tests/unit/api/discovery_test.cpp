#include "api/documents/discovery.h"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/documents/llms_sections.h"
#include "api/documents/policy.h"
#include "api/rest/channels.h"
#include "api/routes.h"
#include "api/texts/facts.h"
#include "core/public_bands.h"
#include "text_samples.h"

namespace rogerthat::api {
namespace {

struct Document {
  std::string name;
  std::string text;
  bool json;
};

std::vector<Document> documents(const View& view) {
  return {{"llms.txt", llms_txt(view, routes()), false},
          {"llms-full.txt", llms_full_txt(view, routes()), false},
          {"info", info_json(view, routes()), true},
          {"mcp.json", mcp_descriptor_json(view, routes()), true},
          {"agent.json", agent_card_json(view, routes()), true},
          {"openapi.json", openapi_json(view, routes()), true},
          {"policy.txt", policy_text(view), false},
          {"policy", policy_page(view), false},
          {"robots.txt", robots_txt(view), false},
          {"home", home_page(view), false},
          {"not found", not_found_page(view), false},
          {"bands", bands_json(view, {{"general", "x", 2}}), true}};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST(Routes, NamesAndPathsAreUnique) {
  std::set<std::string_view> names;
  std::set<std::string> calls;
  for (const Route& row : routes()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(calls.insert(fmt::format("{} {}", static_cast<int>(row.method), row.path)).second);
    EXPECT_EQ(&route_named(routes(), row.name), &row);
    EXPECT_NE(row.handler, nullptr) << row.name;
    EXPECT_TRUE(row.path.starts_with('/')) << row.path;
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_FALSE(row.answer.empty()) << row.name;
  }
}

// The rows that carry a trait, by name.
std::set<std::string_view> with(Traits trait) {
  std::set<std::string_view> names;
  for (const Route& row : routes()) {
    if (row.has(trait)) names.insert(row.name);
  }
  return names;
}

using Names = std::set<std::string_view>;

TEST(Routes, TraitsAreWhereTheyBelong) {
  const Names mcp{"mcp",         "mcp_stream",         "mcp_end",
                  "channel_mcp", "channel_mcp_stream", "channel_mcp_end"};
  Names starting = mcp;
  starting.insert({"healthz", "readyz"});
  EXPECT_EQ(with(kWaits), (Names{"listen", "wait", "stream", "dm_wait", "dm_stream", "mcp_stream",
                                 "channel_mcp_stream"}));
  EXPECT_EQ(with(kLargeBody), (Names{"send", "admin_send", "mcp", "channel_mcp"}));
  EXPECT_EQ(with(kOwnPagesOnly), mcp);
  EXPECT_EQ(with(kWhileStarting), starting);
  EXPECT_EQ(with(kEvenBanned), Names{"healthz"});
}

TEST(Routes, TheOperatorsAreForTheOperator) {
  for (const Route& row : routes()) {
    EXPECT_EQ(row.auth == RouteAuth::operations, row.name == "metrics") << row.name;
    EXPECT_EQ(row.auth == RouteAuth::admin, row.path.starts_with("/api/admin")) << row.name;
  }
}

TEST(Discovery, DocumentsAreCompleteAndJsonIsJson) {
  Sample sample;
  for (const char* edition : {"", "claude", "go", "codex-park"}) {
    for (const bool token : {false, true}) {
      sample.site.hub_token_needed = token;
      for (const Document& document : documents(sample.view(edition))) {
        EXPECT_FALSE(contains(document.text, "{{")) << document.name;
        EXPECT_TRUE(!document.json || is_json(document.text)) << document.name << document.text;
      }
    }
  }
}

TEST(Discovery, EveryRouteIsInTheFullGuideAndInTheProtocolPage) {
  const Sample sample;
  const std::string guide = llms_full_txt(sample.view(), routes());
  std::ifstream file(ROGERTHAT_SOURCE_DIR "/docs/protocol.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const Route& row : routes()) {
    if (!row.documented()) continue;
    const std::string call = fmt::format("`{} {}`", net::to_string(row.method), row.path);
    EXPECT_EQ(contains(guide, call), row.auth != RouteAuth::admin) << call;
    EXPECT_TRUE(contains(page, call)) << call << " is missing in docs/protocol.md";
  }
}

TEST(Discovery, ApiCallsAreInInfoAndInTheDescriptor) {
  const Sample sample;
  const std::string info = info_json(sample.view(), routes());
  const std::string descriptor = mcp_descriptor_json(sample.view(), routes());
  for (const Route& row : routes()) {
    if (!row.path.starts_with("/api/channels")) continue;
    EXPECT_TRUE(contains(
        info, fmt::format("\"{}\":\"{} {}\"", row.name, net::to_string(row.method), row.path)));
    EXPECT_TRUE(contains(descriptor, fmt::format("\"{}\":{{\"method\":\"{}\",\"path\":\"{}\"",
                                                 row.name, net::to_string(row.method), row.path)));
  }
}

TEST(Discovery, RatesFollowTheSite) {
  Sample sample;
  using hub::Limited;
  auto& rates = sample.site.limits.per_minute;
  rates[static_cast<std::size_t>(Limited::send)] = 7123;
  rates[static_cast<std::size_t>(Limited::send_band)] = 7124;
  rates[static_cast<std::size_t>(Limited::channel_creation)] = 7125;
  rates[static_cast<std::size_t>(Limited::join)] = 0;
  for (const std::string& guide :
       {llms_txt(sample.view(), routes()), llms_full_txt(sample.view(), routes())}) {
    EXPECT_TRUE(contains(guide, "sends 7123 a minute (bands: 7124 a minute)")) << guide;
    EXPECT_TRUE(contains(guide, "new channels 7125 a minute"));
    EXPECT_TRUE(contains(guide, "joins no limit"));
  }
  EXPECT_TRUE(contains(policy_text(sample.view()), "7123"));
  const std::string info = info_json(sample.view(), routes());
  EXPECT_TRUE(contains(info, "\"send_per_ip_per_minute_default\":7123"));
  EXPECT_TRUE(contains(info, "\"send_per_ip_per_minute_bands\":7124"));
}

TEST(Discovery, InfoHasTheShapeThatClientsRead) {
  const Sample sample;
  const std::string text = info_json(sample.view(), routes());
  const auto info = JsonDocument::parse(text);
  ASSERT_TRUE(info.has_value());
  for (const char* key : {"service", "version", "tagline", "license", "discovery", "mcp", "rest",
                          "retention_modes", "limits", "quickstart_for_agents"}) {
    EXPECT_TRUE(info->find(key).has_value()) << key;
  }
  EXPECT_TRUE(contains(text, "\"homepage\":null,\"repository\":null")) << text;
  EXPECT_EQ(info->find("discovery")->find("llms_txt")->string(), "http://127.0.0.1:7424/llms.txt");
  EXPECT_TRUE(info->find("discovery")->find("mcp_descriptor").has_value());
  for (const char* key :
       {"bootstrap_url", "bootstrap_tool", "channel_url_template", "channel_tools", "protocol"}) {
    EXPECT_TRUE(info->find("mcp")->find(key).has_value()) << key;
  }
  const auto limits = info->find("limits");
  EXPECT_EQ(limits->find("session_idle_ttl_seconds_default")->integer(), 1800);
  EXPECT_EQ(limits->find("session_idle_ttl_seconds_max")->integer(), 86400);
  EXPECT_EQ(limits->find("max_message_length_chars")->integer(), 8192);
  EXPECT_EQ(limits->find("callsign_pattern")->string(), "^[a-z0-9][a-z0-9_-]{0,31}$");
  EXPECT_EQ(limits->find("ring_buffer_messages_per_channel")->integer(), 100);
}

TEST(Discovery, DescriptorAndCardHaveTheirShapes) {
  const Sample sample;
  const std::string descriptor_text = mcp_descriptor_json(sample.view(), routes());
  const auto descriptor = JsonDocument::parse(descriptor_text);
  for (const char* key : {"schema_version", "name", "version", "description", "license", "protocol",
                          "transports", "rest_api"}) {
    EXPECT_TRUE(descriptor->find(key).has_value()) << key;
  }
  EXPECT_EQ(descriptor->find("transports")->size(), 2u);
  EXPECT_TRUE(descriptor->find("safety")->find("messages_are_untrusted")->boolean());

  EXPECT_TRUE(contains(descriptor_text, "\"homepage\":null,\"repository\":null"));

  const std::string card_text = agent_card_json(sample.view(), routes());
  const auto card = JsonDocument::parse(card_text);
  for (const char* key :
       {"name", "description", "url", "provider", "version", "documentationUrl", "capabilities",
        "securitySchemes", "defaultInputModes", "defaultOutputModes", "skills", "extensions"}) {
    EXPECT_TRUE(card->find(key).has_value()) << key;
  }
  EXPECT_TRUE(card->find("capabilities")->find("pushNotifications")->boolean());
  EXPECT_EQ(card->find("provider")->find("url")->string(), "http://127.0.0.1:7424");
  std::set<std::string> skills;
  card->find("skills")->each_item(
      [&](JsonValue skill) { skills.insert(std::string(skill.find("id")->string())); });
  EXPECT_EQ(skills, (std::set<std::string>{"create_channel", "join_channel", "send_message",
                                           "listen_messages", "channel_roster"}));
}

TEST(Discovery, NamesNoAddressThatTheOperatorHasNotGiven) {
  Sample sample;
  const std::string own = sample.origin;
  for (const Document& document : documents(sample.view())) {
    std::string text = document.text;
    for (std::size_t at; (at = text.find(own)) != text.npos;) text.erase(at, own.size());
    EXPECT_FALSE(contains(text, "http://") || contains(text, "https://")) << document.name << text;
  }
  sample.site.homepage = "https://about.example/hub";
  for (const std::string& document :
       {info_json(sample.view(), routes()), mcp_descriptor_json(sample.view(), routes()),
        agent_card_json(sample.view(), routes()), home_page(sample.view())}) {
    EXPECT_TRUE(contains(document, "\"https://about.example/hub\"")) << document;
  }
}

TEST(Discovery, BandsCarryTheirArguments) {
  const Sample sample;
  std::set<std::string_view> names;
  for (const core::Band& band : core::bands()) names.insert(band.name);
  EXPECT_EQ(names, (std::set<std::string_view>{"general", "help", "random"}));
  EXPECT_EQ(bands_json(sample.view(), {{"help", "Questions \"and\" answers", 3}}),
            R"({"bands":[{"name":"help","description":"Questions \"and\" answers","agent_count":3,)"
            R"("join_url":"http://127.0.0.1:7424/api/channels/help/join",)"
            R"("mcp_args":{"channel_id":"help","token":"public"}}]})");
}

TEST(LlmsTxt, JoiningComesFirstAndEveryBlockIsShell) {
  Sample sample;
  for (const char* edition : {"", "claude", "cursor", "cline", "go"}) {
    for (const bool token : {false, true}) {
      sample.site.hub_token_needed = token;
      const std::string guide = llms_txt(sample.view(edition), routes());
      EXPECT_LT(guide.find("## Told to join"), guide.find("## Create a channel"));
      const auto blocks = bash_blocks(guide);
      EXPECT_GE(blocks.size(), 5u);
      EXPECT_TRUE(contains(blocks.front(), "/join'"));
      for (const std::string& block : blocks) expect_valid_shell(block);
    }
  }
}

TEST(LlmsTxt, CostsLittle) {
  Sample sample;
  sample.origin = "https://hub.example.com";
  std::vector<std::string> editions{""};
  for (const core::Harness& harness : core::harnesses()) {
    editions.emplace_back(harness.name);
    editions.push_back(std::string(harness.name) + "-team");
  }
  for (const core::Mode& mode : core::modes()) editions.emplace_back(mode.name);
  for (const bool token : {false, true}) {
    sample.site.hub_token_needed = token;
    for (const std::string& edition : editions) {
      const std::string guide = llms_txt(sample.view(edition), routes());
      EXPECT_LE(guide.find("\n## Create a channel"), 2048u) << edition << '\n' << guide;
      EXPECT_LE(guide.size(), 16u << 10) << edition;
    }
  }
}

TEST(LlmsTxt, EditionsLeadWithTheirMechanism) {
  const Sample sample;
  for (const core::Harness& harness : core::harnesses()) {
    const std::string guide = llms_txt(sample.view(harness.name), routes());
    EXPECT_LT(guide.find(harness.wake), guide.find("## Create a channel")) << harness.name;
  }
  EXPECT_TRUE(
      contains(bash_blocks(llms_txt(sample.view("claude"), routes())).at(1), "/wait?timeout=300"));
  EXPECT_TRUE(contains(bash_blocks(llms_txt(sample.view("cline"), routes())).at(1), "/stream"));
  EXPECT_TRUE(
      contains(bash_blocks(llms_txt(sample.view("cursor"), routes())).at(1), "/wait?timeout=50"));
}

TEST(LlmsTxt, NamesEveryPresetAndTheFullGuideEveryFieldAndLimit) {
  const Sample sample;
  const std::string guide = llms_full_txt(sample.view(), routes());
  for (const char* name : {"create_channel", "join", "send"}) {
    for (const FieldDoc& field : route_named(routes(), name).fields) {
      EXPECT_TRUE(contains(guide, fmt::format("- `{}{}`: ", field.in_query ? "?" : "", field.name)))
          << field.name;
    }
  }
  EXPECT_TRUE(contains(guide, fill(llms::kLimits, view_facts(sample.view()))));
  for (const core::Mode& mode : core::modes()) {
    EXPECT_TRUE(contains(llms_txt(sample.view(), routes()),
                         fmt::format("- `{}`: {}", mode.name, mode.summary)));
  }
}

TEST(LlmsTxt, SpeaksOfNothingThatIsNotThere) {
  const Sample sample;
  const std::string guide =
      llms_txt(sample.view(), routes()) + llms_full_txt(sample.view(), routes());
  for (const char* word : {"listen-here", "npx", "TODO"}) {
    EXPECT_FALSE(contains(guide, word)) << word;
  }
}

TEST(Policy, EveryRuleSaysWhetherItIsEnforced) {
  Sample sample;
  sample.site.operator_contact = "abuse@hub.example";
  const std::string text = policy_text(sample.view());
  std::set<std::string_view> sections;
  for (const PolicyRule& rule : policy_rules()) {
    EXPECT_TRUE(contains(text, fill(rule.rule, view_facts(sample.view())))) << rule.rule;
    EXPECT_FALSE(rule.how.empty()) << rule.rule;
    sections.insert(rule.section);
  }
  EXPECT_EQ(sections.size(), 8u);
  EXPECT_TRUE(contains(text, "abuse@hub.example"));
  sample.site.operator_contact.clear();
  EXPECT_TRUE(contains(policy_text(sample.view()), "names no contact"));
}

TEST(Robots, KeepsCrawlersFromTheApi) {
  const Sample sample;
  const std::string text = robots_txt(sample.view());
  EXPECT_TRUE(contains(text, "Disallow: /admin\n"));
  EXPECT_TRUE(contains(text, "Disallow: /api/\n"));
  EXPECT_TRUE(contains(text, "/llms.txt"));
}

TEST(Fill, PutsValuesInAndLeavesWhatItDoesNotKnow) {
  Facts facts;
  facts.set("a", "1");
  EXPECT_EQ(fill("{{a}}, {{b}}, {a}, {{a}}}", facts), "1, {{b}}, {a}, 1}");
  EXPECT_EQ(fill("{{a", facts), "{{a");
  EXPECT_EQ(fill("", facts), "");
}

}  // namespace
}  // namespace rogerthat::api
