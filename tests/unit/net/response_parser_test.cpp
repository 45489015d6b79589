// Answers: what is read of them however they are cut, and what is refused.
#include "net/response_parser.h"

#include <gtest/gtest.h>

namespace rogerthat::net {
namespace {

// "200 [name=value]… body=… end keep" or how far it came; `closed`: the peer then ends its side.
std::string read_response(std::string_view bytes, std::size_t piece, bool bodiless = false,
                          bool closed = true) {
  ResponseParser parser(bodiless, 200);
  std::string seen, body, buffer;
  using Event = ResponseParser::Event;
  Event event = Event::more;
  for (std::size_t at = 0; at < bytes.size() && event == Event::more; at += piece) {
    buffer.append(bytes.substr(at, piece));
    do {
      const auto step = parser.next(buffer);
      event = step.event;
      body.append(step.data);
      if (event == Event::head) {
        seen = std::to_string(parser.head().status);
        for (const auto& [name, value] : parser.head().headers) {
          seen.append(" [").append(name).append("=").append(value).append("]");
        }
      }
      buffer.erase(0, step.used);
    } while (event == Event::head || event == Event::data);
  }
  if (event == Event::more && closed) event = parser.end_of_input(buffer.size());
  if (!body.empty()) seen += " body=" + body;
  if (event == Event::end) seen += parser.keeps_alive() ? " end keep" : " end close";
  if (event == Event::more) seen += " more";
  if (event == Event::refused) seen += " refused: " + std::string(parser.reason());
  return seen;
}

void expect_response(std::string_view bytes, std::string_view seen, bool bodiless = false) {
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    ASSERT_EQ(read_response(bytes, piece, bodiless), seen)
        << "in pieces of " << piece << ": " << bytes;
  }
}

TEST(ResponseParser, ReadsBodiesOfEachKind) {
  expect_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                  "200 [Content-Length=5] body=hello end keep");
  expect_response("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                  "200 [Content-Length=0] end keep");
  expect_response(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n "
      "world\r\n0\r\n\r\n",
      "200 [Transfer-Encoding=Chunked] body=hello world end keep");
  expect_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n",
                  "200 [Transfer-Encoding=chunked] end keep");
  expect_response("HTTP/1.1 200\r\n\r\nuntil the end", "200 body=until the end end close");
  expect_response("HTTP/1.0 200 OK\r\n\r\n", "200 end close");
}

TEST(ResponseParser, KnowsAnswersThatHaveNoBody) {
  expect_response("HTTP/1.1 204 No Content\r\n\r\n", "204 end keep");
  expect_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                  "304 [Content-Length=5] end keep");
  expect_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 [Content-Length=5] end keep",
                  true);
}

TEST(ResponseParser, KnowsWhetherTheConnectionLivesOn) {
  expect_response("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
                  "200 [Connection=x, Close] [Content-Length=0] end close");
  expect_response("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
                  "200 [Connection=keep-alive] [Content-Length=0] end keep");
  expect_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                  "200 [Content-Length=0] end close");
}

TEST(ResponseParser, PassesOverInterimAnswers) {
  expect_response(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 \r\n\r\n",
      "204 end keep");
  std::string many;
  for (int i = 0; i < 9; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  expect_response(many, " refused: Too many interim answers came.");
}

TEST(ResponseParser, RefusesWhatCouldBeReadInTwoWays) {
  constexpr std::string_view kNoStatus =
      " refused: The answer does not begin with an HTTP/1.x status line.";
  constexpr std::string_view kLength = " refused: The answer's Content-Length is not one number.";
  constexpr std::string_view kEncoding =
      " refused: The answer's Transfer-Encoding is not exactly: chunked.";
  constexpr std::string_view kMalformed = " refused: The answer holds a header that is malformed.";
  const std::pair<std::string, std::string_view> cases[] = {
      {"SSH-2.0-x\r\n", " refused: The answer is not HTTP."},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", " refused: The answer is not HTTP."},
      {"HTTP/2.0 200 OK\r\n\r\n", kNoStatus},
      {"HTTP/1.1  200 OK\r\n\r\n", kNoStatus},
      {"HTTP/1.1 20 OK\r\n\r\n", kNoStatus},
      {"HTTP/1.1 2000\r\n\r\n", kNoStatus},
      {"HTTP/1.1 200 O\rK\r\n\r\n", kNoStatus},
      {"HTTP/1.1 101 Switching\r\n\r\n",
       " refused: The answer has a status that was not asked for."},
      {"HTTP/1.1 099 x\r\n\r\n", " refused: The answer has a status that was not asked for."},
      {"HTTP/1.1 200 OK\nA: b\n\n", " refused: A line of the answer's head ends in a bare LF."},
      {"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", kMalformed},
      {"HTTP/1.1 200 OK\r\n folded\r\n\r\n", kMalformed},
      {"HTTP/1.1 200 OK\r\nA: b\x01\r\n\r\n", kMalformed},
      {"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", kMalformed},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", kLength},
      {"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", kLength},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1234567890123456789\r\n\r\n", kLength},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", kEncoding},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", kEncoding},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
       " refused: The answer has both Content-Length and Transfer-Encoding."},
      {"HTTP/1.1 200 OK\r\nA: " + std::string(200, 'x') + "\r\n\r\n",
       " refused: The head of the answer is too large."},
  };
  for (const auto& [bytes, seen] : cases) expect_response(bytes, seen);
}

TEST(ResponseParser, RefusesBrokenChunks) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string seen = "200 [Transfer-Encoding=chunked]";
  constexpr std::string_view kSize = " refused: A chunk of the answer has no valid size.";
  const std::pair<std::string, std::string> cases[] = {
      {"\r\n", std::string(kSize)},
      {"x\r\n", std::string(kSize)},
      {"-1\r\n", std::string(kSize)},
      {"5 \r\nhello\r\n", std::string(kSize)},
      {"1000000000000000\r\n", std::string(kSize)},
      {"5\nhello", " refused: A line between the answer's chunks ends in a bare LF."},
      {"2\r\nhello", " body=he refused: A chunk of the answer is longer than its size says."},
      {"1;" + std::string(300, 'x') + "\r\n",
       " refused: The line before a chunk of the answer is too long."},
      {"0\r\nno trailer\r\n\r\n", " refused: A trailer of the answer is malformed."},
      {"0\r\nA: " + std::string(9000, 'x') + "\r\n\r\n",
       " refused: The trailers of the answer are too large."},
  };
  for (const auto& [chunks, outcome] : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, head.size() + chunks.size()}) {
      EXPECT_EQ(read_response(head + chunks, piece), seen + outcome) << chunks.substr(0, 40);
    }
  }
}

TEST(ResponseParser, TellsAnEndThatCameTooEarly) {
  EXPECT_EQ(read_response("", 1), " refused: The connection was closed before an answer came.");
  for (const char* bytes : {"HTT", "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 100 C\r\n\r\n"}) {
    EXPECT_EQ(read_response(bytes, 100),
              " refused: The connection was closed in the middle of the answer.");
  }
  EXPECT_EQ(read_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", 100),
            "200 [Content-Length=9] body=short refused: The connection was closed in the middle of "
            "the answer.");
  EXPECT_EQ(read_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", 100, false, false),
            "200 [Content-Length=9] body=short more");
}

TEST(ResponseParser, LeavesWhatFollowsTheAnswer) {
  ResponseParser parser;
  const std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1";
  auto step = parser.next(bytes);
  EXPECT_EQ(parser.head().header("content-LENGTH"), "1");
  step = parser.next(bytes.substr(step.used));
  EXPECT_EQ(step.data, "x");
  EXPECT_EQ(step.used, 1U);
  step = parser.next("HTTP/1.1");
  EXPECT_EQ(step.event, ResponseParser::Event::end);
  EXPECT_EQ(step.used, 0U);
}

}  // namespace
}  // namespace rogerthat::net
