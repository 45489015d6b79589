#include "cli/nearest.h"

#include <gtest/gtest.h>

namespace rogerthat::cli {
namespace {

constexpr std::string_view kNames[] = {"port", "host", "token", "token-file", "data-dir"};

TEST(NearestName, slips_of_the_keys_are_understood) {
  EXPECT_EQ(nearest_name("prot", kNames), "port");
  EXPECT_EQ(nearest_name("tokn", kNames), "token");
  EXPECT_EQ(nearest_name("data_dir", kNames), "data-dir");
  EXPECT_EQ(nearest_name("tokenfile", kNames), "token-file");
}

TEST(NearestName, what_is_far_from_everything_has_none) {
  EXPECT_EQ(nearest_name("verbosity", kNames), "");
  EXPECT_EQ(nearest_name("", kNames), "");
  EXPECT_EQ(nearest_name(std::string(1000, 'x'), kNames), "");
}

}  // namespace
}  // namespace rogerthat::cli
