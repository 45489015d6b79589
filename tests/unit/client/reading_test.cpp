// What a hub's answers and streams say, as it is read on this side.
#include <gtest/gtest.h>

#include "client/incoming.h"
#include "client/json_fields.h"
#include "client/link.h"
#include "client/tool_result.h"

namespace rogerthat::client {
namespace {

TEST(Incoming, PosturesAreReadStrictly) {
  EXPECT_EQ(read_posture("trusted-identity"), core::TrustPosture::trusted_identity);
  EXPECT_EQ(read_posture("something new"), core::TrustPosture::untrusted);
}

TEST(JsonFields, FieldsAreReplaced) {
  EXPECT_EQ(with_fields(R"({"a":1,"b":{"c":[1,2]},"d":null})", {{"a", "2"}, {"d", ""}, {"e", "3"}}),
            R"({"b":{"c":[1,2]},"a":2,"e":3})");
  EXPECT_EQ(with_fields("not json", {{"a", "1"}}), R"({"a":1})");
  EXPECT_EQ(with_fields(R"({"\"":1})", {}), R"({"\"":1})");
}

TEST(ToolResult, TheHighestMessageIsFound) {
  const auto facts = JsonDocument::parse(R"({"messages":[{"id":5},{"id":9},{"id":7},{}]})");
  EXPECT_EQ(highest_message(*facts), 9);
  EXPECT_EQ(highest_message(std::nullopt), 0);
}

TEST(Retry, IsOnlyForWhatMayChangeByItself) {
  for (const char* code : {"unavailable", "internal"}) EXPECT_EQ(retry_of(code), Retry::soon);
  for (const char* code : {"callsign_taken", "rate_limited"}) {
    EXPECT_EQ(retry_of(code), Retry::later);
  }
  for (const char* code : {"unauthorized", "not_found", "invalid", "something new"}) {
    EXPECT_EQ(retry_of(code), Retry::never);
  }
}

}  // namespace
}  // namespace rogerthat::client
