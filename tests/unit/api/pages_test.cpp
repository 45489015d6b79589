#include <gtest/gtest.h>

#include "api/documents/discovery.h"
#include "api/documents/html.h"
#include "text_samples.h"

namespace rogerthat::api {
namespace {

TEST(Pages, EscapeWhatTheOperatorConfigures) {
  Sample sample;
  sample.site.version = "<b>1</b>";
  sample.site.homepage = "https://x.example/?a=1&b=\"2\"";
  sample.site.operator_contact = "<script>alert(1)</script>";
  for (const std::string& page :
       {home_page(sample.view()), policy_page(sample.view()), not_found_page(sample.view())}) {
    EXPECT_EQ(page.find("<b>"), page.npos);
    EXPECT_EQ(page.find("<script"), page.npos);
    EXPECT_EQ(page.find("b=\"2"), page.npos);
  }
  EXPECT_NE(policy_page(sample.view()).find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(escape_html("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
}

TEST(Pages, HoldNoScriptAndNoStyle) {
  const Sample sample;
  for (const std::string& page :
       {home_page(sample.view()), policy_page(sample.view()), not_found_page(sample.view())}) {
    EXPECT_TRUE(page.starts_with("<!doctype html>"));
    for (const char* forbidden : {"<script", "<style", "style=", "javascript:"}) {
      EXPECT_EQ(page.find(forbidden), page.npos) << forbidden;
    }
    EXPECT_NE(page.find("lang=\"en\""), page.npos);
    EXPECT_NE(page.find("name=\"viewport\""), page.npos);
  }
}

TEST(Pages, HomeShowsHowToOpenAChannel) {
  const Sample sample;
  const std::string page = home_page(sample.view());
  EXPECT_NE(page.find("curl -sS &#39;http://127.0.0.1:7424/api/channels&#39; -d &#39;{}&#39;"),
            page.npos)
      << page;
  EXPECT_NE(page.find("href=\"http://127.0.0.1:7424/llms.txt\""), page.npos);
}

}  // namespace
}  // namespace rogerthat::api
