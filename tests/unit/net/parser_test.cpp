// What the parser takes and what it refuses, and that it does not matter how the bytes arrive.
#include <gtest/gtest.h>

#include "live_server.h"
#include "net/request_reader.h"

namespace rogerthat::net {
namespace {

// All requests in `bytes`, as one line each, read in pieces that end at the given places.
std::vector<std::string> read_all(std::string_view bytes, const std::vector<std::size_t>& cuts,
                                  const ReadLimits& limits = {}) {
  TestHandler handler;
  std::vector<Header> headers;
  std::vector<std::string> seen;
  std::string buffer;
  Progress progress;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t to = i < cuts.size() ? cuts[i] : bytes.size();
    buffer.append(bytes.substr(from, to - from));
    from = to;
    for (;;) {
      if (progress.stage == Progress::Stage::head && progress.scanned == 0) {
        buffer.erase(0, count_blank_lines(buffer.data(), buffer.size()));
      }
      std::size_t size = buffer.size();
      const ReadResult read = read_request(buffer.data(), size, progress, limits, handler, headers);
      buffer.resize(size);
      if (read.outcome == ReadOutcome::more) break;
      if (read.outcome == ReadOutcome::refused) {
        seen.push_back(std::to_string(read.refusal.status));
        return seen;
      }
      std::string line = std::string(read.head.method_name) + " " + std::string(read.head.target) +
                         " host=" + std::string(read.head.host);
      for (const Header& h : headers) {
        line += " [" + std::string(h.name) + "=" + std::string(h.value) + "]";
      }
      line += " body=" + buffer.substr(progress.head_size, progress.body_size);
      line += read.head.keep_alive ? " keep" : " close";
      seen.push_back(line);
      buffer.erase(0, progress.end);
      progress = Progress{};
    }
  }
  if (!buffer.empty()) seen.push_back("more");
  return seen;
}

std::vector<std::string> read_whole(std::string_view bytes, const ReadLimits& limits = {}) {
  return read_all(bytes, {}, limits);
}

// Every single cut, and every byte on its own.
void expect_same_however_split(std::string_view bytes, const ReadLimits& limits = {}) {
  const auto whole = read_whole(bytes, limits);
  std::vector<std::size_t> every;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    EXPECT_EQ(read_all(bytes, {cut}, limits), whole) << "cut at " << cut << ": " << bytes;
    every.push_back(cut);
  }
  EXPECT_EQ(read_all(bytes, every, limits), whole) << "byte by byte: " << bytes;
}

using Lines = std::vector<std::string>;

struct Case {
  std::string_view bytes;
  Lines expected;
};

const std::string kLongName(300, 'x');

TEST(Parser, TakesWhatIsValid) {
  const Case cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", {"GET / host=a [Host=a] body= keep"}},
      {"GET /p?q=1&r HTTP/1.1\r\nhost:a:80\r\n\r\n",
       {"GET /p?q=1&r host=a:80 [host=a:80] body= keep"}},
      {"GET / HTTP/1.1\r\nHost: [::1]:7424\r\n\r\n",
       {"GET / host=[::1]:7424 [Host=[::1]:7424] body= keep"}},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", {"GET / host= [Host=] body= keep"}},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", {"GET / host=a [Host=a] body= keep"}},
      {"GET / HTTP/1.0\r\n\r\n", {"GET / host= body= close"}},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       {"GET / host= [Connection=Keep-Alive] body= keep"}},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE\r\n\r\n",
       {"GET / host=a [Host=a] [Connection=x , CLOSE] body= close"}},
      {"GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
       {"GET /x?y host=b.example:81 [Host=b.example:81] body= keep"}},
      {"GET HTTPS://b HTTP/1.0\r\n\r\n", {"GET / host=b body= close"}},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {"OPTIONS * host=a [Host=a] body= keep"}},
      {"PURGE /x HTTP/1.1\r\nHost: a\r\n\r\n", {"PURGE /x host=a [Host=a] body= keep"}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \t  v 1\t \r\nY:\r\nZ: \xc3\xa9\r\n\r\n",
       {"GET / host=a [Host=a] [X=v 1] [Y=] [Z=\xc3\xa9] body= keep"}},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: "
       "b\r\n\r\n",
       {"POST / host=a [Host=a] [Content-Length=3] body=abc keep",
        "GET / host=b [Host=b] body= keep"}},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
       "3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nGET / HTTP/1.0\r\n\r\n",
       {"POST / host=a [Host=a] [Transfer-Encoding=Chunked] body=abc0123456789 keep",
        "GET / host= body= close"}},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {"POST / host=a [Host=a] [Transfer-Encoding=chunked] body= keep"}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(read_whole(c.bytes), c.expected) << c.bytes;
    expect_same_however_split(c.bytes);
  }
}

TEST(Parser, RefusesWhatIsNotARequest) {
  const Case cases[] = {
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", {"400"}},
      {"GET /\r\nHost: a\r\n\r\n", {"400"}},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1x\r\nHost: a\r\n\r\n", {"400"}},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", {"505"}},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", {"505"}},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"505"}},
      {"G\xc3T / HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET /# HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET /\" HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", {"400"}},
      {"\x16\x03\x01\x02", {"400"}},
      {"GET / HTTP/1.1\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1\r\nHost: [a]\r\n\r\n", {"400"}},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", {"417"}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(read_whole(c.bytes), c.expected) << c.bytes;
    expect_same_however_split(c.bytes);
  }
}

TEST(Parser, RefusesWhatAnotherParserMightReadDifferently) {
  const std::string_view heads[] = {
      "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
      "Content-Length: 1\r\nContent-Length: 1\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length:\r\n",
      "Content-Length: 5,5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: 5.0\r\n",
      "Content-Length: 99999999999999999999999\r\n",
      "Content-Length : 5\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: \x0b"
      "chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding:\r\n",
      "X: a\r\n b\r\n",
      "X: a\r\n\tb\r\n",
      "X: a\n",
      "X: a\rb\r\n",
      "X: a\r\r\n",
      "X : a\r\n",
      " X: a\r\n",
      "X\t: a\r\n",
      "X\r\n",
      ": a\r\n",
      "X\xc3\xa9: a\r\n",
      "X: a\x01\r\n",
      "X: a\x7f\r\n",
  };
  for (const std::string_view head : heads) {
    const std::string bytes =
        "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(head) + "\r\n5\r\nhello\r\n0\r\n\r\n";
    EXPECT_EQ(read_whole(bytes), Lines{"400"}) << bytes;
    expect_same_however_split(bytes);
  }
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"sv,
        "GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n"sv, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv,
        "GET / HTTP/1.1\nHost: a\n\n"sv,
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"sv}) {
    EXPECT_EQ(read_whole(bytes), Lines{"400"});
    expect_same_however_split(bytes);
  }
}

TEST(Parser, RefusesMalformedChunks) {
  const std::pair<std::string, std::string> bodies[] = {
      {"x\r\n", "400"},
      {"\r\n", "400"},
      {"+5\r\nhello\r\n0\r\n\r\n", "400"},
      {"0x5\r\nhello\r\n0\r\n\r\n", "400"},
      {"5 \r\nhello\r\n0\r\n\r\n", "400"},
      {" 5\r\nhello\r\n0\r\n\r\n", "400"},
      {"5\nhello\r\n0\r\n\r\n", "400"},
      {"5\r\nhello!\r\n0\r\n\r\n", "400"},
      {"5\r\nhello\n0\r\n\r\n", "400"},
      {"5\r\nhello\r0\r\n\r\n", "400"},
      {"5;\x01\r\nhello\r\n0\r\n\r\n", "400"},
      {"5;a\rb\r\nhello\r\n0\r\n\r\n", "400"},
      {"123456789\r\n", "400"},
      {"ffffffff\r\n", "413"},
      {"5;" + kLongName + "\r\nhello\r\n0\r\n\r\n", "400"},
      {"0\r\nX : a\r\n\r\n", "400"},
      {"0\r\nX: a\n\r\n", "400"},
      {"0\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "431"},
  };
  for (const auto& [body, status] : bodies) {
    const std::string bytes =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
    EXPECT_EQ(read_whole(bytes), Lines{status}) << bytes;
    expect_same_however_split(bytes.substr(0, 600));
  }
}

TEST(Parser, BoundsExtensionsOfAllChunksTogether) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 30; ++i) bytes += "1;" + std::string(200, 'e') + "\r\nx\r\n";
  EXPECT_EQ(read_whole(bytes + "0\r\n\r\n"), Lines{"400"});
}

TEST(Parser, HoldsItsLimitsToTheByte) {
  const ReadLimits limits{.header_bytes_max = 60, .body_bytes_max = 8};
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string fits = head + std::string(60 - head.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(fits.size(), 60U);
  EXPECT_EQ(read_whole(fits, limits).size(), 1U);
  EXPECT_NE(read_whole(fits, limits)[0], "431");
  const std::string too_large = head + std::string(61 - head.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(read_whole(too_large, limits), Lines{"431"});
  EXPECT_EQ(read_whole(std::string(61, 'G'), limits), Lines{"431"});
  for (const std::string& bytes : {fits, too_large, std::string(70, 'G')}) {
    expect_same_however_split(bytes, limits);
  }

  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_NE(read_whole(post + "Content-Length: 8\r\n\r\n12345678", limits), Lines{"413"});
  EXPECT_EQ(read_whole(post + "Content-Length: 9\r\n\r\n", limits), Lines{"413"});
  const ReadLimits roomy{.header_bytes_max = 1000, .body_bytes_max = 8};
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_NE(read_whole(chunked + "4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n", roomy), Lines{"413"});
  EXPECT_EQ(read_whole(chunked + "4\r\n1234\r\n5\r\n", roomy), Lines{"413"});
}

}  // namespace
}  // namespace rogerthat::net
