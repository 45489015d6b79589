#include "cli/banner.h"

#include <gtest/gtest.h>

namespace rogerthat::cli {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Settings local_settings() {
  Settings s;
  s.data_dir = "/var/lib/rogerthat";
  return s;
}

TEST(Banner, says_where_it_listens_where_the_data_is_and_how_to_begin) {
  const std::string text = banner(local_settings(), 7424);
  EXPECT_TRUE(contains(text, "listens on http://127.0.0.1:7424\n")) << text;
  EXPECT_TRUE(contains(text, "data:  /var/lib/rogerthat\n")) << text;
  EXPECT_TRUE(contains(text, "no hub token")) << text;
  EXPECT_TRUE(contains(text, "curl -s http://127.0.0.1:7424/api/channels -d '{}'\n")) << text;
  EXPECT_TRUE(
      contains(text, "claude mcp add --transport http rogerthat http://127.0.0.1:7424/mcp\n"))
      << text;
}

TEST(Banner, says_how_to_give_the_token) {
  Settings s = local_settings();
  s.token.emplace();
  s.admin_token.emplace();
  const std::string text = banner(s, 7424);
  EXPECT_TRUE(contains(text, "-H \"Authorization: Bearer $ROGERTHAT_TOKEN\"")) << text;
  EXPECT_TRUE(contains(text, "/mcp --header \"Authorization: Bearer $ROGERTHAT_TOKEN\"\n")) << text;
}

TEST(Banner, says_who_may_read_the_metrics) {
  Settings s = local_settings();
  EXPECT_TRUE(contains(banner(s, 80), "/metrics on this machine only\n"));
  s.allowed_hosts = {"hub.example"};
  EXPECT_TRUE(contains(banner(s, 80), "/metrics closed: no admin token\n"));
  s.admin_token.emplace();
  EXPECT_TRUE(contains(banner(s, 80), "/metrics with the admin token\n"));
}

TEST(Banner, every_address_is_one_that_a_client_can_use) {
  Settings s = local_settings();
  s.insecure_open = true;
  s.http.host = "::";
  EXPECT_TRUE(contains(banner(s, 80), "listens on http://[::]:80\n"));
  EXPECT_TRUE(contains(banner(s, 80), "curl -s http://[::1]:80/api/channels"));
  s.http.host = "0.0.0.0";
  EXPECT_TRUE(contains(banner(s, 80), "curl -s http://127.0.0.1:80/api/channels"));
  s.origin = "https://hub.example";
  EXPECT_TRUE(contains(banner(s, 80), "curl -s https://hub.example/api/channels"));
  s.http.tls_certificate_file = "/c.pem";
  EXPECT_TRUE(contains(banner(s, 80), "listens on https://0.0.0.0:80\n"));
}

}  // namespace
}  // namespace rogerthat::cli
