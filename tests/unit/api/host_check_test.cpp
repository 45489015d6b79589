#include "api/http/host_check.h"

#include <gtest/gtest.h>

namespace rogerthat::api {
namespace {

struct HostCase {
  std::string_view host;
  bool on_loopback;  // hub bound to loopback, no origin
  bool
      public_hub;  // bound to all addresses, --origin https://hub.example, --allowed-host alias.lan
};

TEST(Host, IsOneOfTheServersOwnNames) {
  const HostRules loopback = host_rules("", {}, true);
  const HostRules open = host_rules("https://hub.example", {"alias.lan"}, false);
  const HostCase cases[] = {
      {"localhost", true, true},
      {"LocalHost:7424", true, true},
      {"localhost.:7424", true, true},
      {"127.0.0.1:7424", true, true},
      {"127.8.9.10", true, true},
      {"[::1]:7424", true, true},
      {"park.localhost:7424", true, true},
      {"evil.localhost", false, false},
      {"hub.example", false, true},
      {"HUB.example:443", false, true},
      {"park.hub.example", false, true},
      {"codex-park.hub.example", false, true},
      {"codex.hub.example", false, true},
      {"nonsense.hub.example", false, false},
      {"a.park.hub.example", false, false},
      {"alias.lan", false, true},
      {"192.168.1.20:7424", false, true},
      {"[2001:db8::5]", false, true},
      {"evil.example", false, false},
      {"hub.example.evil.example", false, false},
      {"127.0.0.1.evil.example", false, false},
      {"::1", false, false},
      {"[localhost]", false, false},
      {"localhost:port", false, false},
      {"localhost:7424@evil.example", false, false},
      {"", false, false},
      {":7424", false, false},
  };
  for (const HostCase& c : cases) {
    EXPECT_EQ(check_host(loopback, c.host).allowed, c.on_loopback) << c.host;
    EXPECT_EQ(check_host(open, c.host).allowed, c.public_hub) << c.host;
  }
}

TEST(Host, NamesAnEdition) {
  const HostRules rules = host_rules("https://hub.example", {}, false);
  EXPECT_EQ(check_host(rules, "hub.example").edition.mode, nullptr);
  const core::Edition edition = check_host(rules, "codex-park.hub.example:8443").edition;
  ASSERT_NE(edition.mode, nullptr);
  ASSERT_NE(edition.harness, nullptr);
  EXPECT_EQ(edition.mode->name, "park");
  EXPECT_EQ(edition.harness->name, "codex");
}

TEST(Origin, IsTheServerItself) {
  EXPECT_TRUE(is_same_origin("http://localhost:7424", "localhost:7424", ""));
  EXPECT_TRUE(is_same_origin("http://LOCALHOST:7424", "localhost:7424", ""));
  EXPECT_TRUE(is_same_origin("https://hub.example", "hub.example:443", ""));
  EXPECT_TRUE(is_same_origin("https://hub.example", "10.0.0.1:7424", "https://hub.example"));
}

TEST(Origin, IsForeign) {
  EXPECT_FALSE(is_same_origin("http://localhost:3000", "localhost:7424", ""));
  EXPECT_FALSE(is_same_origin("https://evil.example", "hub.example", "https://hub.example"));
  EXPECT_FALSE(is_same_origin("http://hub.example", "10.0.0.1:7424", "https://hub.example"));
  EXPECT_FALSE(is_same_origin("null", "localhost:7424", ""));
  EXPECT_FALSE(is_same_origin("localhost:7424", "localhost:7424", ""));
}

TEST(Loopback, IsNamedByNameAddressOrOrigin) {
  for (const char* name : {"localhost", "LOCALHOST:7424", "127.0.0.1", "127.0.0.1:80", "[::1]:7424",
                           "http://127.0.0.1:7424", "https://localhost", "park.localhost:7424"}) {
    EXPECT_TRUE(names_loopback(name)) << name;
  }
  for (const char* name : {"", "hub.example", "localhost.hub.example", "10.0.0.1:80",
                           "https://hub.example", "127.0.0.1.hub.example", "http://"}) {
    EXPECT_FALSE(names_loopback(name)) << name;
  }
}

TEST(Loopback, IsAllThatThereIsOnlyWithoutAForeignName) {
  const std::vector<std::string> own = {"localhost", "127.0.0.2"};
  EXPECT_TRUE(only_this_machine("", {}));
  EXPECT_TRUE(only_this_machine("http://localhost:7424", own));
  EXPECT_FALSE(only_this_machine("https://hub.example", {}));
  const std::vector<std::string> further = {"localhost", "hub.example"};
  EXPECT_FALSE(only_this_machine("", further));
}

}  // namespace
}  // namespace rogerthat::api
