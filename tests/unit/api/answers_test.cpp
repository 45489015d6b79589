#include <gtest/gtest.h>

#include "api/access/auth.h"
#include "api/documents/document_routes.h"
#include "api/http/cors.h"
#include "api/http/edition.h"
#include "api/http/errors.h"

namespace rogerthat::api {
namespace {

std::string header(const net::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(ErrorAnswer, HasSentenceCodeAndWhatHelps) {
  EXPECT_EQ(error_body({ErrorCode::not_found, "No."}), R"({"error":"No.","code":"not_found"})");
  Error limited{ErrorCode::rate_limited, "Slow.", "Wait."};
  limited.retry_after_seconds = 7;
  const net::Response response = error_response(limited);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body,
            R"({"error":"Slow.","code":"rate_limited","hint":"Wait.","retry_after_seconds":7})");
  EXPECT_EQ(header(response, "Retry-After"), "7");
}

TEST(ErrorAnswer, TooLargeKeepsTheCodeThatOldClientsLookFor) {
  const net::Response response = error_response(refusal(413, "Too large."));
  EXPECT_EQ(response.status, 413);
  EXPECT_NE(response.body.find(R"("code":"invalid")"), std::string::npos);
}

TEST(Bearer, SchemeInAnyCase) {
  EXPECT_EQ(bearer("Bearer abc"), "abc");
  EXPECT_EQ(bearer("bEARER   abc "), "abc");
  EXPECT_EQ(bearer("Basic abc"), std::nullopt);
  EXPECT_EQ(bearer("Bearer"), std::nullopt);
  EXPECT_EQ(bearer("Bearer "), std::nullopt);
  EXPECT_EQ(bearer("Bearerabc"), std::nullopt);
  EXPECT_EQ(bearer(""), std::nullopt);
}

TEST(Cors, OnlyConfiguredOriginsMayRead) {
  const CorsPolicy nobody({});
  EXPECT_EQ(nobody.find("https://app.example"), nullptr);
  const CorsPolicy one({"https://app.example"});
  ASSERT_NE(one.find("https://app.example"), nullptr);
  EXPECT_EQ(one.find("https://app.example.evil"), nullptr);
  EXPECT_NE(one.find("https://app.example")
                ->header_lines.find(
                    "Access-Control-Allow-Origin: https://app.example\r\nVary: Origin\r\n"),
            std::string::npos);
  EXPECT_NE(CorsPolicy({"*"}).find("https://any.example"), nullptr);
}

TEST(Cors, PreflightOfAnotherOriginIsGrantedNothing) {
  EXPECT_EQ(header(preflight_response(nullptr, "POST"), "Access-Control-Allow-Methods"), "");
  const CorsPolicy one({"https://app.example"});
  const net::Response granted = preflight_response(one.find("https://app.example"), "POST");
  EXPECT_EQ(granted.status, 204);
  EXPECT_EQ(header(granted, "Access-Control-Allow-Methods"), "POST");
  EXPECT_TRUE(answers_preflight("/api/channels"));
  EXPECT_TRUE(answers_preflight("/messages/stream"));
  EXPECT_FALSE(answers_preflight("/llms.txt"));
}

TEST(Accept, ChoosesBetweenPageAndJson) {
  EXPECT_TRUE(prefers_json("application/json"));
  EXPECT_TRUE(prefers_json("text/html;q=0.5, application/json"));
  EXPECT_FALSE(prefers_json("text/html,application/xhtml+xml,application/json;q=0.9"));
  EXPECT_FALSE(prefers_json("*/*"));
  EXPECT_FALSE(prefers_json(""));
  EXPECT_FALSE(prefers_json("application/json;q=0"));
  EXPECT_TRUE(wants_page("text/html,application/xhtml+xml,*/*;q=0.8"));
  EXPECT_FALSE(wants_page("*/*"));
}

TEST(Edition, TheNarrowerChoiceGoesFirst) {
  const core::Edition host = edition_named("codex-park");
  EXPECT_EQ(overlay(host, edition_named("live")).mode->name, "live");
  EXPECT_EQ(overlay(host, edition_named("live")).harness->name, "codex");
  EXPECT_EQ(edition_named("nonsense").mode, nullptr);
  EXPECT_EQ(edition_named("PARK").mode->name, "park");
}

}  // namespace
}  // namespace rogerthat::api
