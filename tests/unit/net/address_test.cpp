// Addresses, networks, and who is believed about them.
#include "net/address.h"

#include <gtest/gtest.h>

#include "net/proxies.h"

namespace rogerthat::net {
namespace {

TEST(IpAddress, ParsesAndPrints) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::1", "::1"},
      {"[::1]", "::1"},
      {"2001:DB8:0:0::5", "2001:db8::5"},
      {"::ffff:10.1.2.3", "10.1.2.3"},
  };
  for (const auto& [text, printed] : cases) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), printed);
  }
}

TEST(IpAddress, RefusesWhatIsNone) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, "1"sv, "1.2.3"sv, "1.2.3.4.5"sv, "256.1.1.1"sv, "01.2.3.4"sv, "1.2.3.4 "sv,
        "[1.2.3.4]"sv, "[]"sv, "[::1"sv, "::1]"sv, ":::"sv, "fe80::1%eth0"sv, "1.2.3.4\0"sv,
        "localhost"sv, "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"sv}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, KnowsItsKind) {
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::ffff:1.2.3.4")->is_v4());
  EXPECT_FALSE(IpAddress::parse("::1")->is_v4());
}

TEST(IpAddress, LimitsCountIpv6ByItsNetwork) {
  EXPECT_EQ(IpAddress::parse("2001:db8:1:2:3:4:5:6")->limit_key().to_string(), "2001:db8:1:2::");
  EXPECT_EQ(IpAddress::parse("10.1.2.3")->limit_key().to_string(), "10.1.2.3");
  EXPECT_EQ(IpAddress::parse("2001:db8:1:2:3:4:5:6")->owner_key().to_string(), "2001:db8:1::");
  EXPECT_EQ(IpAddress::parse("10.1.2.3")->owner_key().to_string(), "10.1.2.3");
}

TEST(IpNetwork, ContainsWhatItCovers) {
  struct Case {
    const char* network;
    const char* address;
    bool inside;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"10.0.0.0/8", "10.255.0.1", true},
           {"10.0.0.0/8", "11.0.0.0", false},
           {"10.1.2.3/8", "10.9.9.9", true},
           {"0.0.0.0/0", "200.1.1.1", true},
           {"0.0.0.0/0", "2001:db8::1", false},
           {"192.168.1.7", "192.168.1.7", true},
           {"192.168.1.7", "192.168.1.8", false},
           {"192.168.1.6/31", "192.168.1.7", true},
           {"::1", "::1", true},
           {"fe80::/10", "febf::1", true},
           {"fe80::/10", "fec0::1", false},
           {"::/0", "1.2.3.4", true},
       }) {
    const auto network = IpNetwork::parse(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_EQ(network->contains(*IpAddress::parse(c.address)), c.inside)
        << c.network << " " << c.address;
  }
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "::/129", "10.0.0.0/8/8", "lan"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

struct Told {
  std::string client;
  std::string host;
  bool secure;
  bool forwarded;
};

Told ask(std::string_view peer, std::vector<Header> headers, bool common_header = true) {
  static const ProxyRules rules({*IpNetwork::parse("127.0.0.0/8"), *IpNetwork::parse("10.0.0.0/8")},
                                "CF-Connecting-IP");
  Request request;
  request.headers = headers;
  request.host = "own";
  request.forwarded = common_header;
  request.peer = *IpAddress::parse(peer);
  rules.apply(request, rules.trusts(request.peer));
  return {request.client.to_string(), std::string(request.host), request.secure, request.forwarded};
}

TEST(ProxyRules, TakeTheNearestAddressThatIsNoProxy) {
  const std::pair<std::vector<Header>, const char*> cases[] = {
      {{{"X-Forwarded-For", "1.1.1.1"}}, "1.1.1.1"},
      {{{"X-Forwarded-For", "6.6.6.6, 1.1.1.1"}}, "1.1.1.1"},
      {{{"X-Forwarded-For", "6.6.6.6, 1.1.1.1, 10.2.2.2"}}, "1.1.1.1"},
      {{{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "1.1.1.1,10.0.0.1"}}, "1.1.1.1"},
      {{{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "10.0.0.1"}}, "1.1.1.1"},
      {{{"X-Forwarded-For", "1.1.1.1:4444"}}, "1.1.1.1"},
      {{{"X-Forwarded-For", "[2001:db8::1]:4444"}}, "2001:db8::1"},
      {{{"X-Forwarded-For", "2001:db8::1"}}, "2001:db8::1"},
      {{{"X-Forwarded-For", "10.7.7.7, 10.8.8.8"}}, "10.7.7.7"},
      {{{"X-Forwarded-For", "1.1.1.1, unknown"}}, "127.0.0.1"},
      {{{"X-Forwarded-For", "1.1.1.1, unknown, 10.0.0.9"}}, "10.0.0.9"},
      {{{"X-Forwarded-For", ""}}, "127.0.0.1"},
      {{{"CF-Connecting-IP", "2.2.2.2"}, {"X-Forwarded-For", "1.1.1.1"}}, "2.2.2.2"},
      {{{"CF-Connecting-IP", "junk"}, {"X-Forwarded-For", "1.1.1.1"}}, "1.1.1.1"},
  };
  for (const auto& [headers, client] : cases) {
    EXPECT_EQ(ask("127.0.0.1", headers).client, client) << headers[0].value;
  }
}

TEST(ProxyRules, BelieveNobodyElse) {
  const Told told = ask("5.5.5.5", {{"X-Forwarded-For", "1.1.1.1"},
                                    {"X-Forwarded-Proto", "https"},
                                    {"X-Forwarded-Host", "evil"},
                                    {"CF-Connecting-IP", "2.2.2.2"}});
  EXPECT_EQ(told.client, "5.5.5.5");
  EXPECT_EQ(told.host, "own");
  EXPECT_FALSE(told.secure);
  EXPECT_TRUE(told.forwarded);
}

TEST(ProxyRules, TakeSchemeAndHostFromTheNearestProxy) {
  const Told told = ask("127.0.0.1", {{"X-Forwarded-Proto", "http, HTTPS"},
                                      {"X-Forwarded-Host", "a.example, b.example:8443"}});
  EXPECT_TRUE(told.secure);
  EXPECT_EQ(told.host, "b.example:8443");
  EXPECT_EQ(ask("127.0.0.1", {{"X-Forwarded-Host", "a/b"}}).host, "own");
}

TEST(ProxyRules, TheConfiguredHeaderAloneMakesARequestForwarded) {
  EXPECT_TRUE(ask("5.5.5.5", {{"cf-connecting-ip", "2.2.2.2"}}, false).forwarded);
  EXPECT_FALSE(ask("5.5.5.5", {{"Accept", "x"}}, false).forwarded);
}

}  // namespace
}  // namespace rogerthat::net
