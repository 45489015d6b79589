#include "api/rest/admin_target.h"

#include <gtest/gtest.h>

namespace rogerthat::api {
namespace {

Result<ActFields> act(std::string_view body) {
  const auto parsed = JsonDocument::parse(body);
  if (!parsed) return fail(ErrorCode::invalid, "no JSON");
  FieldReader reader;
  TargetFields fields;
  reader.read_object(*parsed, part(act_fields(), fields));
  if (reader.unknown().count() > 0) return fail(ErrorCode::invalid, "unknown");
  return read_act(fields);
}

std::string counted(std::string_view text) {
  const auto network = read_network(text);
  return network ? network_text(*network) : std::string();
}

TEST(AdminTargets, AddressesAreTakenAsTheyCount) {
  EXPECT_EQ(counted("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(counted(" 203.0.113.7/32 "), "203.0.113.7");
  EXPECT_EQ(counted("203.0.113.77/24"), "203.0.113.0/24");
  EXPECT_EQ(counted("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(counted("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(counted("::ffff:203.0.113.0/120"), "203.0.113.0/24");
  EXPECT_EQ(counted("2001:db8::1"), "2001:db8::/64");
  EXPECT_EQ(counted("2001:db8::/48"), "2001:db8::/48");
  EXPECT_EQ(counted("::1"), "::/64");
}

TEST(AdminTargets, WhatIsNoAddressOrHalfTheInternetIsRefused) {
  for (const std::string_view text :
       {"", "example.org", "1.2.3", "1.2.3.4/33", "1.2.3.4/-1", "::1/129", "0.0.0.0/0",
        "10.0.0.0/7", "::/0", "2000::/3", "::ffff:0:0/96", "1.2.3.4/"}) {
    EXPECT_EQ(counted(text), "") << text;
  }
}

TEST(AdminTargets, NameOneOfThreeAndPerhapsAPlace) {
  const auto callsign = act(R"({"callsign":" Mallory ","channel":"den","reason":" flooding "})");
  ASSERT_TRUE(callsign);
  EXPECT_EQ(callsign->target.kind, core::TargetKind::callsign);
  EXPECT_EQ(callsign->target.name, "mallory");
  EXPECT_EQ(callsign->target.channel, "den");
  EXPECT_EQ(callsign->reason, "flooding");
  EXPECT_EQ(act(R"({"callsign":42})")->target.name, "42");
  EXPECT_EQ(act(R"({"identity":"Mallory"})")->target.name, "mallory");
  EXPECT_EQ(act(R"({"identity":"acc_AbC"})")->target.name, "acc_AbC");
  EXPECT_EQ(act(R"({"address":"10.1.0.0/16"})")->target.name, "10.1.0.0/16");
  for (const std::string_view body :
       {"{}", R"({"callsign":"a","identity":"b"})", R"({"callsign":"a b"})", R"({"callsign":{}})",
        R"({"address":7})", R"({"identity":""})"}) {
    EXPECT_FALSE(act(body)) << body;
  }
}

}  // namespace
}  // namespace rogerthat::api
