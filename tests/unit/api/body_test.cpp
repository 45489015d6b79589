#include "api/http/body.h"

#include <gtest/gtest.h>

namespace rogerthat::api {
namespace {

TEST(Body, EmptyIsAnEmptyObject) {
  for (const char* body : {"", "   ", "\r\n\t "}) {
    const auto parsed = parse_body(body);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_FALSE(parsed->has_value());
  }
}

TEST(Body, AnythingButAnObjectIsInvalidAndNamesTheByte) {
  struct Case {
    const char* body;
    const char* byte;
  };
  for (const Case& c :
       {Case{"[1]", "byte 0"}, Case{"  \"text\"", "byte 2"}, Case{"{\"a\":}", "byte 5"},
        Case{"message=hello", "byte 0"}, Case{"{} x", "byte 3"}}) {
    const auto parsed = parse_body(c.body);
    ASSERT_FALSE(parsed.has_value()) << c.body;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
    EXPECT_NE(parsed.error().message.find(c.byte), std::string::npos) << parsed.error().message;
  }
}

class Fields : public testing::Test {
 protected:
  template <class T>
  T read(const char* body) {
    T out{};
    const auto parsed = parse_body(body);
    (*parsed)->each_field(
        [&](std::string_view key, JsonValue value) { reader_.read(key, value, out); });
    return out;
  }
  FieldReader reader_;
};

TEST_F(Fields, TextsMayBeIntegers) {
  EXPECT_EQ(read<TextField>(R"({"to": 42})").view(), "42");
  EXPECT_EQ(read<TextField>(R"({"to": -7})").view(), "-7");
  EXPECT_EQ(read<TextField>(R"({"to": "bob"})").view(), "bob");
  EXPECT_FALSE(reader_.error());
  read<TextField>(R"({"to": 1.5})");
  ASSERT_TRUE(reader_.error());
  EXPECT_EQ(reader_.error()->message, "to must be a string or an integer.");
}

TEST_F(Fields, NullIsAbsentAndTheLastOneCounts) {
  EXPECT_FALSE(read<TextField>(R"({"to": null})").present());
  EXPECT_FALSE(read<TextField>(R"({"to": "bob", "to": null})").present());
  EXPECT_EQ(read<TextField>(R"({"to": "bob", "to": "carol"})").view(), "carol");
  EXPECT_EQ(read<TextField>(R"({"to": 7, "to": "carol"})").view(), "carol");
  EXPECT_FALSE(reader_.error());
}

TEST_F(Fields, AWrongTypeIsNamed) {
  read<std::optional<bool>>(R"({"durable": "yes"})");
  EXPECT_EQ(reader_.error()->message, "durable must be true or false.");
  read<std::optional<bool>>(R"({"other": 1})");
  EXPECT_EQ(reader_.error()->message, "durable must be true or false.") << "the first one is told";
}

TEST_F(Fields, AnIntegerHasNoFraction) {
  EXPECT_EQ(read<std::optional<std::int64_t>>(R"({"ring_size": 12})"), 12);
  read<std::optional<std::int64_t>>(R"({"ring_size": 12.5})");
  EXPECT_EQ(reader_.error()->message, "ring_size must be an integer.");
}

// However many there are, a fixed share of them is compared with names that are known.
TEST(UnknownNames, AreCountedAndSomeAreLookedAt) {
  UnknownNames unknown;
  for (int i = 0; i < 10'000; ++i) unknown.note("x");
  EXPECT_EQ(unknown.count(), 10'000u);
  EXPECT_EQ(unknown.looked_at().size(), UnknownNames::kLookedAtMax);
}

}  // namespace
}  // namespace rogerthat::api
