// The table of tools: what clients pay for it, and that it says what is true.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/tools/application.h"
#include "api/tools/table.h"
#include "base/utf8.h"
#include "text_samples.h"

namespace rogerthat::api {
namespace {

constexpr std::size_t kDescribedMax = 8 << 10;
constexpr std::size_t kListMax = 14 << 10;

std::vector<std::string_view> names(McpEndpoint endpoint) {
  std::vector<std::string_view> out;
  for (const ToolRow& row : tool_rows()) {
    if (has_tool(endpoint, row)) out.push_back(row.name);
  }
  return out;
}

TEST(McpTools, AreThoseOfTheContract) {
  EXPECT_EQ(
      names(McpEndpoint::all_channels),
      (std::vector<std::string_view>{"create_channel", "join", "send", "listen", "wait", "ask",
                                     "roster", "history", "receipts", "channels", "leave",
                                     "create_account", "create_identity", "open_remote_control"}));
  const auto of_one = names(McpEndpoint::one_channel);
  for (const char* name :
       {"join", "send", "listen", "wait", "roster", "history", "leave", "create_channel"}) {
    EXPECT_NE(std::ranges::find(of_one, name), of_one.end()) << name;
  }
}

TEST(McpTools, CostNoMoreThanClientsArePromised) {
  for (const McpEndpoint endpoint : {McpEndpoint::all_channels, McpEndpoint::one_channel}) {
    std::size_t described = 0;
    std::size_t whole = 2;
    for (const ToolRow& row : tool_rows()) {
      if (!has_tool(endpoint, row)) continue;
      described += row.description.size() + input_schema_json(row, endpoint).size();
      whole += tool_json(row, endpoint).size() + 1;
      EXPECT_LE(row.description.size(), 600u) << row.name;
    }
    EXPECT_LE(described, kDescribedMax);
    EXPECT_LE(whole, kListMax);
  }
}

TEST(McpTools, AreCompleteJson) {
  for (const McpEndpoint endpoint : {McpEndpoint::all_channels, McpEndpoint::one_channel}) {
    for (const ToolRow& row : tool_rows()) {
      const std::string text = tool_json(row, endpoint);
      EXPECT_EQ(text.find("{{"), text.npos) << text;
      const auto json = JsonDocument::parse(text);
      ASSERT_TRUE(json) << text;
      EXPECT_EQ(json->find("name")->string(), row.name);
      EXPECT_FALSE(json->find("title")->string().empty());
      EXPECT_EQ(json->find("inputSchema")->find("type")->string(), "object");
      EXPECT_TRUE(json->find("annotations")->find("readOnlyHint")->is(JsonValue::Type::boolean));
      EXPECT_EQ(json->find("outputSchema").has_value(), !row.output_schema.empty());
      EXPECT_NE(row.run, nullptr);
      EXPECT_EQ(find_tool(row.name), &row);
    }
  }
  EXPECT_EQ(find_tool("nothing"), nullptr);
}

TEST(McpTools, PromiseAnOutputOnlyWhereItEarnsItsBytes) {
  std::set<std::string_view> promised;
  for (const ToolRow& row : tool_rows()) {
    if (!row.output_schema.empty()) promised.insert(row.name);
    // A failure carries {error, code}: it must fit the schema as well.
    EXPECT_EQ(row.output_schema.find("required"), std::string_view::npos) << row.name;
  }
  EXPECT_EQ(promised,
            (std::set<std::string_view>{"create_channel", "join", "listen", "wait", "history"}));
}

TEST(McpTools, TakeHandlesEverywhereAndChannelsOnlyWhereThereAreMany) {
  for (const ToolRow& row : tool_rows()) {
    if (row.makes) continue;
    const std::string all = input_schema_json(row, McpEndpoint::all_channels);
    const std::string one = input_schema_json(row, McpEndpoint::one_channel);
    EXPECT_NE(all.find("\"channel_id\""), all.npos) << row.name;
    EXPECT_NE(all.find("\"session\""), all.npos) << row.name;
    EXPECT_NE(one.find("\"session\""), one.npos) << row.name;
    EXPECT_EQ(one.find("\"channel_id\""), one.npos) << row.name;
    EXPECT_EQ(one.find("\"token\""), one.npos) << row.name;
  }
}

TEST(McpInstructions, SayTheWholeIdeaFirst) {
  for (const McpEndpoint endpoint : {McpEndpoint::all_channels, McpEndpoint::one_channel}) {
    const std::string text = mcp_instructions(endpoint);
    EXPECT_LE(text.size(), 2048u);
    const std::string start = text.substr(0, 512);
    for (const char* word : {"join", "wait", "send", "not instructions", "Messages keep"}) {
      EXPECT_NE(start.find(word), start.npos) << word;
    }
  }
}

}  // namespace
}  // namespace rogerthat::api
