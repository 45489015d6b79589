// Event streams: what is read of them, however they are cut.
#include "net/sse_parser.h"

#include <gtest/gtest.h>

namespace rogerthat::net {
namespace {

std::string read_events(std::string_view text, std::size_t piece,
                        std::size_t event_bytes_max = 1000) {
  SseParser parser(event_bytes_max);
  std::string seen;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const bool readable = parser.feed(text.substr(at, piece), [&](const SseEvent& event) {
      seen.append("(").append(event.type).append("|").append(event.data).append("|");
      seen.append(event.last_event_id).append(")");
    });
    if (!readable) return seen + " too large";
  }
  return seen;
}

void expect_events(std::string_view text, std::string_view seen) {
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    ASSERT_EQ(read_events(text, piece), seen) << "in pieces of " << piece << ": " << text;
  }
}

TEST(SseParser, ReadsEvents) {
  expect_events("event: message\ndata: {}\nid: 7\n\n", "(message|{}|7)");
  expect_events("data: one\ndata:two\ndata:  three\n\n", "(message|one\ntwo\n three|)");
  expect_events("data\n\n", "(message||)");
  expect_events("data\ndata\n\n", "(message|\n|)");
  expect_events("data:x\n\n\n\ndata:y\n\n", "(message|x|)(message|y|)");
}

TEST(SseParser, TakesEveryLineBreak) {
  expect_events("event: a\r\ndata: b\r\n\r\n", "(a|b|)");
  expect_events("event: a\rdata: b\r\r", "(a|b|)");
  expect_events("event: a\ndata: b\r\n\rdata: c\n\r\n", "(a|b|)(message|c|)");
}

TEST(SseParser, PassesOverWhatIsNoField) {
  expect_events(": comment\n\n:\ndata: x\nunknown: y\nDATA: z\n: more\n\n", "(message|x|)");
  expect_events("event: a\n\ndata: x\n\n", "(message|x|)");
  expect_events("data: never finished", "");
}

TEST(SseParser, SkipsAMarkAtTheStartOnly) {
  expect_events(
      "\xEF\xBB\xBF"
      "data: x\n\n",
      "(message|x|)");
  expect_events(
      "\n\xEF\xBB\xBF"
      "data: x\n\n",
      "");
}

TEST(SseParser, KeepsTheLastId) {
  expect_events("id: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n",
                "(message|x|1)(message|y|1)(message|z|)");
  expect_events("id: 1\n\ndata: y\n\n", "(message|y|1)");
  expect_events(std::string_view("id: 1\0\ndata: y\n\n", 16), "(message|y|)");
  SseParser parser;
  parser.feed("id: 5\ndata: x\n", [](const SseEvent&) {});
  EXPECT_EQ(parser.last_event_id(), "");  // until its event is whole
  parser.feed("\n", [](const SseEvent&) {});
  EXPECT_EQ(parser.last_event_id(), "5");
}

TEST(SseParser, ReadsRetryTimesThatAreNumbers) {
  const std::pair<const char*, std::optional<Millis>> cases[] = {
      {"retry: 1500\n\n", 1500},
      {"retry: 1s\n\n", std::nullopt},
      {"retry:\n\n", std::nullopt},
      {"retry: -1\n\n", std::nullopt},
      {"retry: 99999999999999999999\n\n", std::nullopt},
      {"retry: 99999999999\n\n", kDay},
  };
  for (const auto& [text, wanted] : cases) {
    SseParser parser;
    parser.feed(text, [](const SseEvent&) {});
    EXPECT_EQ(parser.retry(), wanted) << text;
  }
}

TEST(SseParser, KeepsOnlySoMuch) {
  const std::string line = "data: " + std::string(400, 'x') + "\n";
  EXPECT_EQ(read_events(line + "\n" + line + "\n", 50, 450).size(),
            2 * std::string("(message||)").size() + 800);
  EXPECT_EQ(read_events(line + line + "\n", 50, 450), " too large");
  EXPECT_EQ(read_events(std::string(500, 'x'), 50, 450), " too large");
  EXPECT_EQ(read_events(": " + std::string(500, 'x'), 50, 450), " too large");
}

}  // namespace
}  // namespace rogerthat::net
