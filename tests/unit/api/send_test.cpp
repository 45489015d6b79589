#include <gtest/gtest.h>

#include "api/acts/sending.h"

namespace rogerthat::api {
namespace {

using core::Kind;
using core::Priority;

Result<void> read_send(std::string_view body, SendInput& input) {
  FieldReader reader;
  SendFields fields;
  reader.read_object(*parse_body(body), part(send_fields(), fields));
  return read_send(reader, fields, input);
}

std::string send_refusal(std::string_view body) {
  SendInput input;
  const auto read = read_send(body, input);
  return read ? "accepted" : read.error().message;
}

TEST(ReadSend, TakesEveryField) {
  SendInput input;
  ASSERT_TRUE(read_send(R"({"to":"bob","message":"hi \u00e9","kind":"message","priority":"high",
      "suggested_replies":["yes","no"],"attachments":[{"mime":"image/png","data_base64":"aGk=",
      "filename":"a.png"}],"reply_to":17,"client_id":"c1",
      "await":{"for":"reply","seconds":12.5}})",
                        input)
                  .has_value());
  const core::SendCommand& command = input.request.command;
  EXPECT_EQ(command.to, "bob");
  EXPECT_EQ(command.text, "hi é");
  EXPECT_EQ(command.kind, Kind::message);
  EXPECT_EQ(command.priority, Priority::high);
  EXPECT_EQ(command.suggested_replies, (std::vector<std::string>{"yes", "no"}));
  ASSERT_EQ(command.attachments.size(), 1u);
  EXPECT_EQ(command.attachments[0], (core::Attachment{"image/png", "aGk=", "a.png"}));
  EXPECT_EQ(command.reply_to, 17);
  EXPECT_EQ(command.client_id, "c1");
  EXPECT_EQ(input.request.await, hub::AwaitFor::reply);
  EXPECT_EQ(input.request.await_time, 12'500);
}

TEST(ReadSend, TextIsAnotherNameForMessage) {
  SendInput text;
  ASSERT_TRUE(read_send(R"({"text":"hello"})", text).has_value());
  EXPECT_EQ(text.request.command.text, "hello");
  SendInput both;
  ASSERT_TRUE(read_send(R"({"text":"b","message":"a"})", both).has_value());
  EXPECT_EQ(both.request.command.text, "a");
}

TEST(ReadSend, ToAndMessageMayBeIntegers) {
  SendInput input;
  ASSERT_TRUE(read_send(R"({"to":2,"message":42})", input).has_value());
  EXPECT_EQ(input.request.command.to, "2");
  EXPECT_EQ(input.request.command.text, "42");
}

TEST(ReadSend, NobodyNamedIsEverybody) {
  for (const char* body :
       {R"({"message":"a"})", R"({"message":"a","to":null})", R"({"message":"a","to":""})"}) {
    SendInput input;
    ASSERT_TRUE(read_send(body, input).has_value());
    EXPECT_FALSE(input.request.command.to) << body;
  }
}

TEST(ReadSend, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"to":true})", "to must be a string or an integer."},
      {R"({"message":["a"]})", "message must be a string or an integer."},
      {R"({"kind":"text"})", "kind must be \"message\" (the default) or \"status\"."},
      {R"({"kind":1})", "kind must be a string."},
      {R"({"priority":"asap"})", "priority must be one of min, low, default, high, urgent."},
      {R"({"suggested_replies":"yes"})", "suggested_replies must be an array."},
      {R"({"suggested_replies":[1]})", "suggested_replies must hold strings only."},
      {R"({"attachments":{}})", "attachments must be an array."},
      {R"({"attachments":["x"]})",
       "attachments must hold objects: {mime, data_base64, filename?}."},
      {R"({"attachments":[{"mime":1,"data_base64":"x"}]})", "attachments[].mime must be a string."},
      {R"({"attachments":[{"mime":"image/png"}]})",
       "Each of attachments needs mime and data_base64."},
      {R"({"reply_to":"17"})", "reply_to must be an integer."},
      {R"({"reply_to":0})", "reply_to must be the id of a message on this channel."},
      {R"({"await":"reply"})", "await must be an object."},
      {R"({"await":{"for":"ever"}})",
       "await.for must be \"delivered\", \"confirmed\" or \"reply\"."},
      {R"({"await":{"for":"reply","seconds":61}})",
       "await.seconds must be above 0 and at most 60."},
      {R"({"kind":"status","message":"x","await":{"for":"delivered"}})",
       "A status cannot be awaited: nothing of it is kept."},
  };
  for (const auto& [body, sentence] : cases) EXPECT_EQ(send_refusal(body), sentence) << body;
}

TEST(ReadSend, TheSameBodyHasTheSameHash) {
  const auto hash = [](std::string_view body) {
    SendInput input;
    EXPECT_TRUE(read_send(body, input).has_value());
    return input.request.command.body_hash;
  };
  const auto first = hash(R"({"client_id":"c","to":"bob","message":"a"})");
  EXPECT_EQ(first, hash(R"({"message":"a","client_id":"c","to":"bob","kind":"message"})"));
  EXPECT_NE(first, hash(R"({"client_id":"c","to":"bob","message":"b"})"));
  EXPECT_NE(first, hash(R"({"client_id":"c","to":"carol","message":"a"})"));
  EXPECT_NE(first, hash(R"({"client_id":"c","to":"bob","message":"a","priority":"low"})"));
}

TEST(SendAnswer, LeavesOutWhatIsNotSet) {
  hub::SendReply reply;
  reply.id = 5;
  reply.at = 7;
  reply.to = "all";
  std::string out;
  write_send_answer(out, reply, nullptr);
  EXPECT_EQ(out, R"({"ok":true,"id":5,"at":7,"queued":false,"to":"all","reached":0})");
}

TEST(SendAnswer, SaysHowAnAwaitEnded) {
  hub::SendReply reply;
  reply.to = "bob";
  reply.receipt = core::ReceiptState::delivered;
  reply.receipt_callsign = "bob";
  std::string out;
  write_send_answer(out, reply, nullptr);
  EXPECT_NE(out.find(R"("receipt":{"callsign":"bob","state":"delivered"})"), std::string::npos);
}

}  // namespace
}  // namespace rogerthat::api
