#include "base/edit_distance.h"

#include <string>

#include <gtest/gtest.h>

namespace rogerthat {
namespace {

TEST(EditDistance, CountsSlipsOfTheKeys) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("message", "message"), 0u);
  EXPECT_EQ(edit_distance("mesage", "message"), 1u) << "a letter lost";
  EXPECT_EQ(edit_distance("messsage", "message"), 1u) << "a letter doubled";
  EXPECT_EQ(edit_distance("nessage", "message"), 1u) << "another letter";
  EXPECT_EQ(edit_distance("mesasge", "message"), 1u) << "neighbours swapped";
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(EditDistance, OfLongNamesIsNotCounted) {
  const std::string longest(kComparedNameMax, 'a');
  EXPECT_EQ(edit_distance(longest, longest), 0u);
  EXPECT_EQ(edit_distance(longest + 'a', longest), kComparedNameMax + 1);
}

}  // namespace
}  // namespace rogerthat
