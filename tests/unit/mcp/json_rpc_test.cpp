// Reading messages, and writing them.
#include "mcp/json_rpc.h"

#include <gtest/gtest.h>

#include "mcp/results.h"

namespace rogerthat::mcp {
namespace {

struct ParsedRow {
  const char* text;
  const char* outcome;  // kind and id, or the code and id of the refusal
};

std::string outcome_of(std::string_view text) {
  const auto message = parse_message(text);
  if (!message) {
    return std::to_string(static_cast<int>(message.error().code)) + " " + message.error().id;
  }
  switch (message->kind) {
    case Message::Kind::request:
      return "request " + message->id;
    case Message::Kind::notification:
      return "notification " + message->id;
    case Message::Kind::response:
      return "response " + message->id;
  }
  return "?";
}

TEST(JsonRpc, TellsMessagesApart) {
  const std::string long_id(kIdBytesMax + 1, 'x');
  const std::string with_long_id = R"({"jsonrpc":"2.0","method":"m","id":")" + long_id + "\"}";
  const ParsedRow rows[] = {
      {R"({"jsonrpc":"2.0","id":1,"method":"m"})", "request 1"},
      {R"({"jsonrpc":"2.0","id":"1","method":"m"})", "request \"1\""},
      {R"({"jsonrpc":"2.0","id":"a\"b","method":"m"})", "request \"a\\\"b\""},
      {R"({"jsonrpc":"2.0","id":-5,"method":"m","params":{}})", "request -5"},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"m"})", "request 1.5"},
      {R"({"jsonrpc":"2.0","id":0,"method":"m","params":null})", "request 0"},
      {R"({"jsonrpc":"2.0","method":"m"})", "notification "},
      {R"({"jsonrpc":"2.0","id":"q","result":{}})", "response \"q\""},
      {R"({"jsonrpc":"2.0","id":3,"error":{"code":1,"message":"no"}})", "response 3"},
      {R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}})", "response "},
      {R"({"jsonrpc":"2.0","id":null,"method":"m"})", "-32600 null"},
      {R"({"jsonrpc":"2.0","id":true,"method":"m"})", "-32600 null"},
      {R"({"jsonrpc":"2.0","id":{},"method":"m"})", "-32600 null"},
      {with_long_id.c_str(), "-32600 null"},
      {R"({"jsonrpc":"1.0","id":4,"method":"m"})", "-32600 4"},
      {R"({"id":4,"method":"m"})", "-32600 4"},
      {R"({"jsonrpc":"2.0","id":4})", "-32600 4"},
      {R"({"jsonrpc":"2.0","id":4,"result":{},"error":{}})", "-32600 4"},
      {R"({"jsonrpc":"2.0","id":4,"method":5})", "-32600 4"},
      {R"({"jsonrpc":"2.0","id":4,"method":"m","params":[]})", "-32600 4"},
      {R"({"jsonrpc":"2.0","id":4,"method":"m","params":"x"})", "-32600 4"},
      {R"([])", "-32600 null"},
      {R"("text")", "-32600 null"},
      {R"({"jsonrpc":"2.0",)", "-32700 null"},
      {"", "-32700 null"},
  };
  for (const ParsedRow& row : rows) EXPECT_EQ(outcome_of(row.text), row.outcome) << row.text;
}

TEST(JsonRpc, WritesMessagesOnOneLine) {
  std::string out;
  append_result(out, "\"a\"", "{}");
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":"a","result":{}})");
  out.clear();
  append_error(out, "1", ErrorCode::invalid_params, "no\nway", R"({"uri":"x"})");
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no\nway",)"
                 R"("data":{"uri":"x"}}})");
  out.clear();
  append_notification(out, "notifications/progress", "{\"progress\":1}");
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}})");
  out.clear();
  append_request(out, "\"server-1\"", "roots/list", {});
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":"server-1","method":"roots/list"})");
}

TEST(JsonRpc, FindsFieldsAtTheTopOnly) {
  EXPECT_EQ(find_top_field(R"({"_meta":{}})", "_meta"), 9U);
  EXPECT_EQ(find_top_field(R"({"a":1, "_meta" : {}})", "_meta"), 18U);
  for (const char* const without :
       {R"({"a":{"_meta":1}})", R"({"a":"_meta"})", R"({"a":"\"_meta\":{}"})", R"({"a":["_meta"]})",
        R"({"x_meta":1})", "{}"}) {
    EXPECT_EQ(find_top_field(without, "_meta"), std::nullopt) << without;
  }
}

}  // namespace
}  // namespace rogerthat::mcp
