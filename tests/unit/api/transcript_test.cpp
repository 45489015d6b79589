#include "api/rest/transcript.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace rogerthat::api {
namespace {

using Entry = core::TranscriptEntry;

std::vector<Entry> entries() {
  const auto entry = [](Entry::Type type, std::string who, std::string to, std::string text) {
    Entry e;
    e.type = type;
    e.ts = 1'700'000'000'000;
    e.who = std::move(who);
    e.to = std::move(to);
    e.text = std::move(text);
    return e;
  };
  std::vector<Entry> out{entry(Entry::Type::channel_created, "", "", "full"),
                         entry(Entry::Type::join, "ann", "", ""),
                         entry(Entry::Type::message, "ann", "all", "hello"),
                         entry(Entry::Type::message, "ann", "bob", "secret é"),
                         entry(Entry::Type::message_meta, "bob", "ann", ""),
                         entry(Entry::Type::leave, "ann", "", "")};
  out[4].bytes = 3;
  return out;
}

TranscriptView view(TranscriptFormat format) {
  return {"amber-otter-1234", core::Retention::full, format, false, ""};
}

TEST(Transcript, IsOneDocumentAsJson) {
  EXPECT_EQ(render_transcript(view(TranscriptFormat::json), entries()),
            R"({"channel_id":"amber-otter-1234","retention":"full","events":[)"
            R"({"ts":1700000000000,"type":"channel_created","retention":"full"},)"
            R"({"ts":1700000000000,"type":"join","callsign":"ann"},)"
            R"({"ts":1700000000000,"type":"message","from":"ann","to":"all","text":"hello"},)"
            R"({"ts":1700000000000,"type":"message","from":"ann","to":"bob","text":"secret é"},)"
            R"({"ts":1700000000000,"type":"message_meta","from":"bob","to":"ann","bytes":3},)"
            R"({"ts":1700000000000,"type":"leave","callsign":"ann"}]})");
}

TEST(Transcript, IsALinePerEventAsJsonl) {
  const std::string text = render_transcript(view(TranscriptFormat::jsonl), entries());
  EXPECT_EQ(std::ranges::count(text, '\n'), 6);
  EXPECT_TRUE(text.starts_with(
      "{\"ts\":1700000000000,\"type\":\"channel_created\",\"retention\":\"full\"}\n{"));
}

TEST(Transcript, HidesDirectMessagesOfOthersWhereItIsStrict) {
  TranscriptView strict = view(TranscriptFormat::json);
  strict.strict = true;
  const std::string hidden = render_transcript(strict, entries());
  EXPECT_EQ(hidden.find("secret"), std::string::npos);
  EXPECT_NE(hidden.find(R"("type":"message_meta","from":"ann","to":"bob","bytes":9)"),
            std::string::npos);
  EXPECT_NE(hidden.find("hello"), std::string::npos) << "broadcasts are everybody's";
  strict.callsign = "bob";
  EXPECT_NE(render_transcript(strict, entries()).find("secret"), std::string::npos);
  strict.callsign = "carol";
  EXPECT_EQ(render_transcript(strict, entries()).find("secret"), std::string::npos);
}

TEST(Transcript, QuotesEveryLineOfATextInMarkdown) {
  std::vector<Entry> all = entries();
  all[2].text = "one\n- 2023-11-14 22:13:20Z **bob** left";
  const std::string text = render_transcript(view(TranscriptFormat::markdown), all);
  EXPECT_NE(text.find("- 2023-11-14 22:13:20Z **ann** to all:\n  > one\n  > - 2023-11-14"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("\n- 2023-11-14 22:13:20Z **bob** left"), std::string::npos);
}

}  // namespace
}  // namespace rogerthat::api
