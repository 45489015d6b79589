#include "net/public_addresses.h"

#include <gtest/gtest.h>

namespace rogerthat::net {
namespace {

TEST(PublicAddresses, AreNoneOfTheseAtAll) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.1.2.3",
                           "169.254.0.1",
                           "169.254.169.254",
                           "169.254.170.2",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.0.192",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "192.168.255.255",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "168.63.129.16",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "::127.0.0.1",
                           "::10.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a00:1",
                           "64:ff9b::808:808",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                           "2001:10::1",
                           "2001:20::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:808:808::1",
                           "3fff::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1",
                           "8000::1"}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_FALSE(is_public(*address)) << text;
  }
}

TEST(PublicAddresses, AreOrdinaryOnesAndTheNeighboursOfSpecialRanges) {
  for (const char* text :
       {"1.1.1.1",         "8.8.8.8",        "9.255.255.255",   "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",    "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0",    "172.15.255.255",  "172.32.0.0",
        "192.167.255.255", "192.169.0.0",    "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1",     "2001:4860:4860::8888",
        "2600::1",         "2a00:1450::1"}) {
    EXPECT_TRUE(is_public(*IpAddress::parse(text))) << text;
  }
}

TEST(PublicAddresses, MayBeWidenedByTheOperator) {
  const std::vector<IpNetwork> allowed = {*IpNetwork::parse("10.1.0.0/16"),
                                          *IpNetwork::parse("::1")};
  EXPECT_TRUE(may_be_reached(*IpAddress::parse("10.1.2.3"), allowed));
  EXPECT_TRUE(may_be_reached(*IpAddress::parse("::ffff:10.1.2.3"), allowed));
  EXPECT_FALSE(may_be_reached(*IpAddress::parse("10.2.0.1"), allowed));
  EXPECT_TRUE(may_be_reached(*IpAddress::parse("::1"), allowed));
  EXPECT_FALSE(may_be_reached(*IpAddress::parse("127.0.0.1"), allowed));
}

}  // namespace
}  // namespace rogerthat::net
