#include "cli/option_values.h"

#include <gtest/gtest.h>

namespace rogerthat::cli {
namespace {

TEST(OptionValues, sizes_take_units) {
  const std::pair<const char*, std::uint64_t> fine[] = {
      {"1024", 1024}, {"512KiB", 512 << 10}, {"8MiB", 8 << 20}, {"1GiB", 1ull << 30}};
  for (const auto& [text, bytes] : fine) {
    std::uint64_t out = 0;
    EXPECT_EQ(read_bytes(text, 1, 1ull << 40, out), std::nullopt) << text;
    EXPECT_EQ(out, bytes);
  }
  std::uint64_t out = 0;
  for (const char* text :
       {"", "-1", "8MB", "8 MiB", "1.5GiB", "99999999999GiB", "18446744073709551616"}) {
    EXPECT_TRUE(read_bytes(text, 1, 1ull << 40, out)) << text;
  }
  EXPECT_EQ(*read_bytes("1", 1024, 1 << 20, out),
            "a number of bytes from 1KiB to 1MiB (like 65536, 512KiB, 8MiB or 1GiB)");
}

TEST(OptionValues, whole_numbers_only) {
  std::uint64_t out = 0;
  for (const char* text : {"", " 1", "1 ", "+1", "0x10", "1e3", "11"}) {
    EXPECT_TRUE(read_integer(text, 0, 10, "a number", out)) << text;
  }
  EXPECT_EQ(read_integer("10", 0, 10, "a number", out), std::nullopt);
}

TEST(OptionValues, an_origin_has_a_scheme_and_a_host_and_no_path) {
  for (const char* text :
       {"https://hub.example", "http://localhost:7424", "http://[::1]:80", "http://192.0.2.1"}) {
    std::string out;
    EXPECT_EQ(read_origin(text, out), std::nullopt) << text;
    EXPECT_EQ(out, text);
  }
  std::string out;
  EXPECT_EQ(read_origin("https://Hub.Example/", out), std::nullopt);
  EXPECT_EQ(out, "https://hub.example");
  for (const char* text :
       {"", "hub.example", "ftp://hub.example", "https://", "https://hub.example/x",
        "https://hub.example?x", "https://user@hub.example", "https://h:0", "https://h:99999",
        "https://[::1", "https://a b"}) {
    EXPECT_TRUE(read_origin(text, out)) << text;
  }
}

TEST(OptionValues, a_link_leads_into_the_web) {
  std::string out;
  for (const char* text : {"https://hub.example/about?x=1&y=2", "http://192.0.2.1"}) {
    EXPECT_EQ(read_link(text, out), std::nullopt) << text;
    EXPECT_EQ(out, text);
  }
  for (const char* text :
       {"", "hub.example", "javascript:alert(1)", "https://a b", "https://a\nb"}) {
    EXPECT_TRUE(read_link(text, out)) << text;
  }
  EXPECT_TRUE(read_link("https://" + std::string(500, 'a'), out));
}

TEST(OptionValues, hosts_are_names_or_addresses_without_port) {
  std::string out;
  for (const char* text : {"localhost", "hub.example", "127.0.0.1", "::", "::1"}) {
    EXPECT_EQ(read_host(text, out), std::nullopt) << text;
  }
  for (const char* text : {"", "hub.example:80", "http://hub", "a_b", "-x", "a/b"}) {
    EXPECT_TRUE(read_host(text, out)) << text;
  }
}

TEST(OptionValues, a_host_may_have_a_port) {
  const auto read = [](std::string_view text) {
    std::string host;
    int port = -1;
    return read_host_and_port(text, host, port) ? "?" : host + " " + std::to_string(port);
  };
  EXPECT_EQ(read("mail.example"), "mail.example 0");
  EXPECT_EQ(read("mail.example:587"), "mail.example 587");
  EXPECT_EQ(read("192.0.2.1:25"), "192.0.2.1 25");
  EXPECT_EQ(read("2001:db8::1"), "2001:db8::1 0");
  EXPECT_EQ(read("[2001:db8::1]"), "2001:db8::1 0");
  EXPECT_EQ(read("[2001:db8::1]:465"), "2001:db8::1 465");
  for (const char* text : {"", ":25", "a:", "a:0", "a:65536", "a:b", "a b", "[", "[]", "a:1:2"}) {
    EXPECT_EQ(read(text), "?") << text;
  }
}

TEST(OptionValues, a_mail_address_holds_nothing_that_ends_a_command) {
  std::string address;
  EXPECT_FALSE(read_mail_address("hub@hub.example", address));
  EXPECT_EQ(address, "hub@hub.example");
  for (const char* text :
       {"", "hub", "@hub.example", "a@b@c.d", "a b@c.d", "a@b\r\nc", "<a@b.c>"}) {
    EXPECT_TRUE(read_mail_address(text, address)) << text;
  }
}

TEST(OptionValues, secrets_fit_into_a_header) {
  std::string out;
  EXPECT_EQ(read_secret("aZ09!-_.~", out), std::nullopt);
  for (const std::string& text : {std::string(), std::string("a b"), std::string("a\nb"),
                                  std::string("\xc3\xa4"), std::string(513, 'x')}) {
    EXPECT_TRUE(read_secret(text, out));
  }
}

TEST(OptionValues, networks_are_addresses_with_or_without_a_prefix) {
  std::vector<net::IpNetwork> networks;
  for (const char* text : {"10.0.0.0/8", "::1", "fe80::/10"}) {
    EXPECT_EQ(add_network(text, networks), std::nullopt) << text;
  }
  EXPECT_EQ(networks.size(), 3u);
  for (const char* text : {"", "10.0.0.0/33", "proxy.example"}) {
    EXPECT_TRUE(add_network(text, networks)) << text;
  }
}

}  // namespace
}  // namespace rogerthat::cli
