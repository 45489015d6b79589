#include "hub/message_json.h"

#include <gtest/gtest.h>

namespace rogerthat::hub {
namespace {

class MessageJson : public testing::Test {
 protected:
  MessageJson() : channel_(core::ChannelOptions(), 0, 0) {
    join("zoe", "");
    join("bob", "builds things");
  }

  void join(const std::string& callsign, const std::string& intro) {
    core::Joined joined;
    joined.session_id = "session-of-" + callsign;
    joined.callsign = callsign;
    joined.intro = intro;
    joined.at = 1000;
    channel_.apply(std::move(joined), now_);
  }

  core::Message message(std::string_view to = "all") {
    core::Message out;
    out.id = 12;
    out.at = 11;
    out.from = channel_.find_member("zoe");
    out.to = to == "all" ? core::kEveryone : channel_.find_member(to);
    out.text = "hi \"there\"\n";
    return out;
  }

  std::string json(const core::Message& m) {
    std::string out;
    JsonWriter writer(out);
    write_message(writer, channel_, m);
    return out;
  }

  Now now_{2000, 2000};
  core::Channel channel_;
};

TEST_F(MessageJson, HoldsOnlyWhatIsSet) {
  EXPECT_EQ(json(message()),
            R"({"id":12,"from":"zoe","to":"all","text":"hi \"there\"\n","at":11})");
  EXPECT_NE(json(message("bob")).find(R"("to":"bob")"), std::string::npos);
}

TEST_F(MessageJson, HoldsEverythingThatIsSet) {
  core::Message m = message("bob");
  m.text = "x";
  m.kind = core::Kind::status;
  m.priority = core::Priority::urgent;
  m.reply_to = 3;
  m.verified = true;
  m.extras = std::make_unique<core::MessageExtras>();
  m.extras->suggested_replies = {"a", "b"};
  m.extras->attachments = {{"image/png", "aGk=", "p.png"}, {"image/gif", "aGk=", ""}};
  EXPECT_EQ(json(m), R"({"id":12,"from":"zoe","to":"bob","text":"x","at":11,"kind":"status",)"
                     R"("priority":"urgent","suggested_replies":["a","b"],"attachments":[)"
                     R"({"mime":"image/png","data_base64":"aGk=","filename":"p.png"},)"
                     R"({"mime":"image/gif","data_base64":"aGk="}],"reply_to":3,"verified":true})");
}

TEST_F(MessageJson, SaysOfAnAttachmentThatItIsHeldNoMore) {
  core::Message m = message();
  m.text = "x";
  m.extras = std::make_unique<core::MessageExtras>();
  m.extras->attachments = {{"image/png", "", "p.png", true}};
  EXPECT_EQ(json(m), R"({"id":12,"from":"zoe","to":"all","text":"x","at":11,"attachments":[)"
                     R"({"mime":"image/png","data_base64":"","filename":"p.png",)"
                     R"("dropped":true}]})");
}

TEST_F(MessageJson, GapsSayWhatIsNotKnown) {
  const auto gap = [](core::Gap value) {
    std::string out;
    JsonWriter writer(out);
    write_gap(writer, value);
    return out;
  };
  EXPECT_EQ(gap({.dropped = 3, .oldest_id = 9}), R"({"dropped":3,"oldest_id":9})");
  EXPECT_EQ(gap({}), R"({"dropped":null,"oldest_id":null})");
}

TEST_F(MessageJson, RostersAreSortedOrInJoinOrder) {
  const auto written = [this](auto write) {
    std::string out;
    JsonWriter writer(out);
    write(writer, channel_);
    return out;
  };
  EXPECT_EQ(written([](JsonWriter& w, const core::Channel& c) { write_roster(w, c, 10); }),
            R"(["bob","zoe"])");
  EXPECT_EQ(written([](JsonWriter& w, const core::Channel& c) { write_roster(w, c, 1); }),
            R"(["bob"])");
  EXPECT_EQ(
      written([](JsonWriter& w, const core::Channel& c) { write_roster_with_index(w, c, 9); }),
      R"([{"idx":1,"callsign":"zoe","joined_at":1000},)"
      R"({"idx":2,"callsign":"bob","joined_at":1000,"intro":"builds things"}])");
}

}  // namespace
}  // namespace rogerthat::hub
