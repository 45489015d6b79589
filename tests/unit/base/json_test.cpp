#include "base/json.h"

#include <gtest/gtest.h>

namespace rogerthat {
namespace {

TEST(JsonWriter, WritesOneLineAndEscapes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("a", "x\n\"\\\x01").field("n", -5).field("b", true).null_field("z");
  json.key("list").begin_array().value(1).value("two").begin_object().end_object().end_array();
  json.end_object();
  EXPECT_EQ(out, R"({"a":"x\n\"\\\u0001","n":-5,"b":true,"z":null,"list":[1,"two",{}]})");
}

TEST(JsonReader, ReadsFieldsTheLastOneWins) {
  const auto root =
      JsonDocument::parse(R"({"a":1,"b":"x","a":2,"n":null,"d":1.5,"o":{"k":[1,2]}})");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->integer(), 2);
  EXPECT_EQ(root->find("b")->string(), "x");
  EXPECT_FALSE(root->find("n"));
  EXPECT_EQ(root->find("d")->type(), JsonValue::Type::number);
  EXPECT_EQ(root->find("o")->find("k")->size(), 2u);
  EXPECT_FALSE(root->find("missing"));
}

struct Broken {
  const char* text;
  std::size_t byte;
};

class JsonErrors : public testing::TestWithParam<Broken> {};

TEST_P(JsonErrors, NameTheByte) {
  const auto root = JsonDocument::parse(GetParam().text);
  ASSERT_FALSE(root) << GetParam().text;
  EXPECT_EQ(root.error().byte, GetParam().byte) << root.error().reason;
  EXPECT_FALSE(root.error().reason.empty());
}

INSTANTIATE_TEST_SUITE_P(Table, JsonErrors,
                         testing::Values(Broken{"", 0}, Broken{"{", 1}, Broken{"{\"a\"}", 4},
                                         Broken{"{\"a\":}", 5}, Broken{"{\"a\":1,}", 7},
                                         Broken{"{'a':1}", 1}, Broken{"{\"a\":1} x", 8},
                                         Broken{"{\"a\":\"x\ny\"}", 7}, Broken{"{\"a\":tru}", 8},
                                         Broken{"{\"a\":01}", 6}, Broken{"{\"a\":\"\\q\"}", 7},
                                         Broken{"[1,2", 4}, Broken{"nonsense", 1}));

TEST(JsonReader, RefusesDeepNestingAndBadUtf8) {
  EXPECT_FALSE(JsonDocument::parse(std::string(200, '[') + std::string(200, ']')));
  EXPECT_FALSE(JsonDocument::parse("{\"a\":\"\xff\"}"));
}

TEST(JsonReader, CallsALoneSurrogateThat) {
  struct Lone {
    std::string text;
    std::size_t byte;
    std::string_view escape;
  };
  for (const Lone& lone : {
           Lone{R"({"a":"\ud800"})", 6, R"(\ud800)"},
           Lone{R"({"a":"xy\udfff"})", 8, R"(\udfff)"},
           Lone{R"(["\uDBFF\uDBFF"])", 2, R"(\uDBFF)"},
           Lone{R"(["\ud83d\ude00\ude00"])", 14, R"(\ude00)"},
           Lone{R"(["\ud800x"])", 2, R"(\ud800)"},
           Lone{R"(["\ud800\n"])", 2, R"(\ud800)"},
           Lone{R"({"\udc00":1})", 2, R"(\udc00)"},
       }) {
    const auto root = JsonDocument::parse(lone.text);
    ASSERT_FALSE(root) << lone.text;
    EXPECT_EQ(root.error().byte, lone.byte) << lone.text;
    EXPECT_TRUE(root.error().reason.starts_with("a lone surrogate (half of a UTF-16 pair), " +
                                                std::string(lone.escape) + ":"))
        << root.error().reason;
  }
  const auto pair = JsonDocument::parse(R"(["\ud83d\ude00"])");
  ASSERT_TRUE(pair);
  EXPECT_EQ(JsonDocument::parse(R"(["\ud83d\u00"])").error().reason,
            "\\u needs four hexadecimal digits");
}

TEST(JsonReader, SaysThatANumberIsTooLarge) {
  const auto root = JsonDocument::parse("{\"id\":99999999999999999999}");
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().reason, "a number is out of range");
}

}  // namespace
}  // namespace rogerthat
