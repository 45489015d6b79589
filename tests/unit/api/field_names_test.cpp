#include "api/http/field_names.h"

#include <string>

#include <gtest/gtest.h>

#include "api/routes.h"

namespace rogerthat::api {
namespace {

constexpr std::string_view kSend[] = {"to", "message", "text", "kind", "priority", "reply_to"};
constexpr std::string_view kPoll[] = {"timeout", "since", "ack"};

TEST(MeantName, IsTheSameWordWrittenOtherwise) {
  EXPECT_EQ(meant_name("replyTo", kSend), "reply_to");
  EXPECT_EQ(meant_name("Reply-To", kSend), "reply_to");
  EXPECT_EQ(meant_name("TO", kSend), "to");
}

TEST(MeantName, IsWhatASynonymStandsFor) {
  for (const std::string_view word : {"recipient", "target", "too"}) {
    EXPECT_EQ(meant_name(word, kSend), "to") << word;
  }
  for (const std::string_view word : {"content", "body", "msg"}) {
    EXPECT_EQ(meant_name(word, kSend), "message") << word;
  }
  EXPECT_EQ(meant_name("timeout_seconds", kPoll), "timeout");
  constexpr std::string_view direct[] = {"to", "text"};
  EXPECT_EQ(meant_name("content", direct), "text") << "the one that the route has";
  EXPECT_EQ(meant_name("recipient", kPoll), "") << "nothing that it could stand for is there";
}

TEST(MeantName, IsWhatTheKeysSlippedFrom) {
  EXPECT_EQ(meant_name("mesage", kSend), "message");
  EXPECT_EQ(meant_name("messsagge", kSend), "message");
  EXPECT_EQ(meant_name("prioirty", kSend), "priority");
  EXPECT_EQ(meant_name("knid", kSend), "kind");
  EXPECT_EQ(meant_name("acks", kPoll), "ack");
  EXPECT_EQ(meant_name("messages_of_mine", kSend), "");
}

TEST(MeantName, OfShortWordsIsNoGuess) {
  for (const std::string_view word : {"id", "at", "ts", "no", "by", "x", "tag", "ext", "mid"}) {
    EXPECT_EQ(meant_name(word, kSend), "") << word;
  }
  EXPECT_EQ(meant_name("mood", kSend), "");
  EXPECT_EQ(meant_name("", kSend), "");
  EXPECT_EQ(meant_name("_", kSend), "");
  EXPECT_EQ(meant_name(std::string(100'000, 'm'), kSend), "");
}

// Else a body that has both would be refused for a field that the route has.
TEST(MeantName, OfAFieldThatARouteHasIsThatField) {
  for (const Route& route : routes()) {
    for (const FieldDoc& field : route.fields) {
      const std::string_view only[] = {field.name};
      EXPECT_EQ(meant_name(field.name, only), field.name);
    }
  }
}

}  // namespace
}  // namespace rogerthat::api
