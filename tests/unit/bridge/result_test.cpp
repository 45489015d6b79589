// What the bridge changes in the results of tools.
#include "bridge/result.h"

#include <gtest/gtest.h>

namespace rogerthat::bridge {
namespace {

std::string passed(std::string_view result_json, const Signals& signals = {}) {
  const auto result = JsonDocument::parse(result_json);
  return result ? passed_result(*result, "Notice.", signals) : "no JSON";
}

TEST(PassedResult, LacksWhatTheOldRevisionsLack) {
  EXPECT_EQ(passed(R"({"resultType":"complete","_meta":{"x":1},"content":[{"type":"text","text":)"
                   R"("You."},{"type":"image","data":"x"}],"structuredContent":{"a":1},)"
                   R"("isError":true})"),
            R"({"content":[{"type":"text","text":"Notice."},{"type":"text","text":"You."},)"
            R"({"type":"image","data":"x"}],"structuredContent":{"a":1},"isError":true})");
}

TEST(PassedResult, ShowsSignalsInTheirPlaces) {
  const Signals signals{"Signals.", {R"({"id":3,"kind":"status"})", R"({"id":6,"kind":"status"})"}};
  EXPECT_EQ(passed(R"({"content":[{"type":"text","text":"Hub."}],"structuredContent":)"
                   R"({"messages":[{"id":2},{"id":5}],"timed_out":false}})",
                   signals),
            R"({"content":[{"type":"text","text":"Notice."},{"type":"text","text":"Signals."},)"
            R"({"type":"text","text":"Hub."}],"structuredContent":{"messages":[{"id":2},)"
            R"({"id":3,"kind":"status"},{"id":5},{"id":6,"kind":"status"}],"timed_out":false}})");
}

TEST(PassedResult, HasNotTimedOutWhereSignalsCame) {
  const Signals signals{"Signals.", {R"({"id":3,"kind":"status"})"}};
  const std::string whole =
      passed(R"({"content":[],"structuredContent":{"messages":[],"timed_out":true}})", signals);
  EXPECT_NE(whole.find(R"("messages":[{"id":3,"kind":"status"}])"), std::string::npos) << whole;
  EXPECT_NE(whole.find(R"("timed_out":false)"), std::string::npos) << whole;
}

}  // namespace
}  // namespace rogerthat::bridge
