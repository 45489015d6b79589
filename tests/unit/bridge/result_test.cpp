// What the bridge changes in the results of tools.
#include "bridge/result.h"

#include <gtest/gtest.h>

namespace rogerthat::bridge {
namespace {

TEST(PassedResult, IsPassedOnWithoutWhatTheOldRevisionsLack) {
  const auto result = JsonDocument::parse(
      R"({"resultType":"complete","_meta":{"x":1},"content":[{"type":"text","text":"You. )"
      R"(Session s: pass channel_id and session with every call."},{"type":"image","data":"x"}],)"
      R"("structuredContent":{"a":1},"isError":true})");
  ASSERT_TRUE(result);
  EXPECT_EQ(
      passed_result(*result, "Notice."),
      R"({"content":[{"type":"text","text":"Notice."},{"type":"text","text":"You. Session s; )"
      R"(this connection knows it and keeps it alive."},{"type":"image","data":"x"}],)"
      R"("structuredContent":{"a":1},"isError":true})");
}

}  // namespace
}  // namespace rogerthat::bridge
