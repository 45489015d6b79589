// URLs: what they are taken for, and what is refused.
#include "net/url.h"

#include <gtest/gtest.h>

namespace rogerthat::net {
namespace {

TEST(Url, IsTakenApart) {
  const struct {
    const char* text;
    const char* origin;
    const char* host;
    int port;
    const char* target;
  } cases[] = {
      {"http://127.0.0.1:7424", "http://127.0.0.1:7424", "127.0.0.1", 7424, "/"},
      {"HTTPS://Hub.Example/a?b=c", "https://hub.example", "hub.example", 443, "/a?b=c"},
      {"http://hub.example:80/", "http://hub.example", "hub.example", 80, "/"},
      {"https://hub.example:443", "https://hub.example", "hub.example", 443, "/"},
      {"http://hub.example:/x", "http://hub.example", "hub.example", 80, "/x"},
      {"http://[::1]:8080/x", "http://[::1]:8080", "::1", 8080, "/x"},
      {"http://[::1]", "http://[::1]", "::1", 80, "/"},
      {"http://hub.example?q", "http://hub.example", "hub.example", 80, "/?q"},
  };
  for (const auto& c : cases) {
    const auto url = Url::parse(c.text);
    ASSERT_TRUE(url) << c.text << " " << url.error();
    EXPECT_EQ(url->origin(), c.origin) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
  }
}

TEST(Url, WithWhatCannotBeSentIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "must begin with http:// or https://"},
      {"hub.example", "must begin with http:// or https://"},
      {"ftp://hub.example/", "must begin with http:// or https://"},
      {"http:", "must begin with http:// or https://"},
      {"http", "has no host"},
      {"http:///x", "has no valid host"},
      {"http://hub example/", "has no valid host"},
      {"http://[::1/", "has no valid host"},
      {"http://a:b@hub.example/", "must not carry a user name or password"},
      {"http://hub.example/#t=1", "must not have a fragment"},
      {"http://hub.example:0/", "has a port that is no number from 1 to 65535"},
      {"http://hub.example:65536/", "has a port that is no number from 1 to 65535"},
      {"http://hub.example/a b", "holds a character that must be percent-encoded"},
      {"http://hub.example/a\r\nX: y", "holds a character that must be percent-encoded"},
  };
  for (const auto& [text, why] : cases) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error(), why) << text;
  }
}

}  // namespace
}  // namespace rogerthat::net
