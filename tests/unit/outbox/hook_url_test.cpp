#include "outbox/hook_url.h"

#include <gtest/gtest.h>

#include "net/public_addresses.h"

namespace rogerthat::outbox {
namespace {

using Answers = std::vector<std::string>;

// What the resolver gives for a host: itself where it is an address, else what DNS is said to say.
net::Resolver::Found found_for(const net::Url& url, const Answers& dns) {
  if (const auto literal = net::IpAddress::parse(url.host)) return std::vector{*literal};
  if (dns.empty()) return std::unexpected("no such name");
  std::vector<net::IpAddress> addresses;
  for (const std::string& text : dns) addresses.push_back(*net::IpAddress::parse(text));
  return addresses;
}

// Empty: a webhook may lead there.
std::string url_refusal(std::string_view url, const Answers& dns = {},
                        const std::vector<net::IpNetwork>& allowed = {}) {
  const auto parsed = parse_hook_url(url);
  if (!parsed) return parsed.error().message;
  const auto judged = judge_hook_host(found_for(*parsed, dns), allowed);
  return judged ? std::string() : judged.error().message;
}

TEST(HookUrl, MayLeadToPublicAddresses) {
  for (const char* url : {"http://8.8.8.8/", "https://8.8.8.8:8443/hook?key=a",
                          "http://[2600::1]/x", "http://[::ffff:8.8.8.8]/", "HTTPS://8.8.4.4"}) {
    EXPECT_EQ(url_refusal(url), "") << url;
  }
  EXPECT_EQ(url_refusal("https://hooks.example/in", {"8.8.8.8", "2600::1"}), "");
  EXPECT_EQ(url_refusal("https://hooks.example.:443/in", {"8.8.8.8"}), "");
  EXPECT_EQ(url_refusal("https://1a.example/", {"8.8.8.8"}), "");
  EXPECT_EQ(url_refusal("https://x0x.example/", {"8.8.8.8"}), "");
}

TEST(HookUrl, IsRefusedForItsForm) {
  const std::string long_path(3000, 'a');
  for (const std::string& url : {std::string(),
                                 std::string("hooks.example/in"),
                                 std::string("//8.8.8.8/"),
                                 std::string("ftp://8.8.8.8/"),
                                 std::string("file:///etc/passwd"),
                                 std::string("gopher://8.8.8.8:70/"),
                                 std::string("javascript:alert(1)"),
                                 std::string("http:8.8.8.8/"),
                                 std::string("http://"),
                                 std::string("http:///path"),
                                 std::string("http://user@8.8.8.8/"),
                                 std::string("http://user:word@8.8.8.8/"),
                                 std::string("http://8.8.8.8@10.0.0.1/"),
                                 std::string("http://8.8.8.8\\@10.0.0.1/"),
                                 std::string("http://8.8.8.8#@10.0.0.1/"),
                                 std::string("http://8.8.8.8/#part"),
                                 std::string("http://8.8.8.8:0/"),
                                 std::string("http://8.8.8.8:65536/"),
                                 std::string("http://8.8.8.8:-80/"),
                                 std::string("http://8.8.8.8:80:80/"),
                                 std::string("http://8.8.8.8 /"),
                                 std::string("http://8.8.8.8/ x"),
                                 std::string("http://8.8.8.8/\r\nHost: a"),
                                 std::string("http://8.8.8.8\t/"),
                                 std::string("http://[::1"),
                                 std::string("http://::1/"),
                                 std::string("http://[8.8.8.8]/"),
                                 std::string("http://[fe80::1%25eth0]/"),
                                 std::string("http://[fe80::1%eth0]/"),
                                 std::string("http://%31%30.0.0.1/"),
                                 std::string("http://hooks%2eexample/"),
                                 std::string("http://１２７.0.0.1/"),
                                 std::string("http://127。0。0。1/"),
                                 "http://8.8.8.8/" + long_path}) {
    // A name in there, if there is one, would be fine.
    EXPECT_NE(url_refusal(url, {"8.8.8.8"}), "") << url;
  }
}

// Old spellings of addresses are no names: what a resolver would make of them does not matter.
TEST(HookUrl, TakesNoNumberForAHost) {
  for (const char* url : {"http://2130706433/",  "http://017700000001/",
                          "http://0x7f000001/",  "http://0x7f.1/",
                          "http://127.1/",       "http://127.0.1/",
                          "http://0177.0.0.1/",  "http://0x7f.0x0.0x0.0x1/",
                          "http://127.0.0.0x1/", "http://127.0.0.01/",
                          "http://127.0.0.1./",  "http://127.1./",
                          "http://10.0.0.256/",  "http://1.2.3.4.5/",
                          "http://0/",           "http://00000000/",
                          "http://0x/",          "http://169.254.43518/",
                          "http://0XA9FEA9FE/",  "http://hooks.example.1/",
                          "http://8.8.8.8.0x1/"}) {
    EXPECT_NE(url_refusal(url, {"8.8.8.8"}), "") << url;
  }
}

TEST(HookUrl, MayNotLeadToOtherAddresses) {
  for (const char* host : {"0.0.0.0",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.127.255.254",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "169.254.170.2",
                           "172.16.0.1",
                           "172.31.255.254",
                           "192.0.0.192",
                           "192.168.1.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "168.63.129.16",
                           "192.88.99.1",
                           "203.0.113.9",
                           "[::]",
                           "[::1]",
                           "[0:0:0:0:0:0:0:1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[::ffff:169.254.169.254]",
                           "[::ffff:10.0.0.1]",
                           "[::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "[64:ff9b::8.8.8.8]",
                           "[64:ff9b:1::a00:1]",
                           "[2002:7f00:1::1]",
                           "[2002:c0a8:101::1]",
                           "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
                           "[fc00::1]",
                           "[fd00:ec2::254]",
                           "[fe80::1]",
                           "[fec0::1]",
                           "[ff02::1]",
                           "[2001:db8::1]",
                           "[3fff::1]",
                           "[100::1]",
                           "[5f00::1]"}) {
    EXPECT_NE(url_refusal("http://" + std::string(host) + "/"), "") << host;
    EXPECT_NE(url_refusal("https://" + std::string(host) + ":8443/"), "") << host;
  }
}

TEST(HookUrl, MayNotLeadToANameThatStandsForOthers) {
  const std::vector<Answers> answers = {{"127.0.0.1"},
                                        {"::1"},
                                        {"127.0.0.1", "::1"},
                                        {"10.1.2.3"},
                                        {"::ffff:10.1.2.3"},
                                        {"169.254.169.254"},
                                        {"fd00:ec2::254"},
                                        {"100.100.100.200"},
                                        {"0.0.0.0"},
                                        {"64:ff9b::a9fe:a9fe"},
                                        {"2002:a9fe:a9fe::"},
                                        {"2001:0:1:2:3:4:5:6"},
                                        {"224.0.0.251"},
                                        {"fe80::1"},
                                        // One of several is enough.
                                        {"8.8.8.8", "10.1.2.3"},
                                        {"8.8.8.8", "8.8.4.4", "::1"},
                                        {"2600::1", "fe80::1"}};
  for (const Answers& dns : answers) {
    EXPECT_NE(url_refusal("https://hooks.example/in", dns), "") << dns.front();
  }
}

TEST(HookUrl, TellsNobodyWhichPrivateNamesExist) {
  EXPECT_EQ(url_refusal("http://vault.internal/", {}),
            url_refusal("http://vault.internal/", {"10.0.0.9"}));
}

TEST(HookUrl, MayLeadWhereTheOperatorAllows) {
  const std::vector<net::IpNetwork> allowed = {*net::IpNetwork::parse("10.1.0.0/16")};
  EXPECT_EQ(url_refusal("http://10.1.2.3/", {}, allowed), "");
  EXPECT_EQ(url_refusal("http://hooks.example/", {"10.1.2.3", "8.8.8.8"}, allowed), "");
  EXPECT_NE(url_refusal("http://10.2.0.1/", {}, allowed), "");
  EXPECT_NE(url_refusal("http://hooks.example/", {"10.1.2.3", "10.2.0.1"}, allowed), "");
}

TEST(HookUrl, MayLeadToThisMachineWhereItWasMadeThere) {
  const auto reaches = [](std::string_view address, const std::vector<net::IpNetwork>& networks) {
    return net::may_be_reached(*net::IpAddress::parse(address), networks);
  };
  const auto at_home = with_this_machine({*net::IpNetwork::parse("10.1.0.0/16")});
  EXPECT_TRUE(reaches("127.0.0.1", at_home) && reaches("::1", at_home));
  EXPECT_TRUE(reaches("10.1.0.1", at_home));
  EXPECT_FALSE(reaches("10.0.0.1", at_home));
  EXPECT_FALSE(reaches("127.0.0.1", {}) || reaches("::1", {}));
}

}  // namespace
}  // namespace rogerthat::outbox
