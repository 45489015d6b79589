// Whatever a server sends, and however it is split, the same answer is read or the same reason
// refuses it; what is kept of an incomplete one stays bounded. The same for event streams.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/response_parser.h"
#include "net/sse_parser.h"

namespace net = rogerthat::net;

namespace {

constexpr std::size_t kHeadMax = 400;
constexpr std::size_t kEventMax = 300;

void must(bool holds) {
  if (!holds) std::abort();
}

void check(const net::ResponseHead& head) {
  must(head.status >= 200 && head.status <= 999);
  for (const auto& [name, value] : head.headers) {
    must(!name.empty() && name.find_first_of(": \t\r\n") == std::string::npos);
    must(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
}

std::string read_answer(std::string_view bytes, std::size_t piece, bool bodiless) {
  using Event = net::ResponseParser::Event;
  net::ResponseParser parser(bodiless, kHeadMax);
  std::string seen, body, buffer;
  std::size_t used = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    buffer.append(bytes.substr(at, piece));
    for (;;) {
      const auto step = parser.next(buffer);
      must(step.used <= buffer.size());
      if (step.event == Event::head) {
        check(parser.head());
        seen += std::to_string(parser.head().status);
        for (const auto& [name, value] : parser.head().headers) seen += name + "=" + value + ";";
      }
      if (step.event == Event::data) must(!step.data.empty());
      body.append(step.data);
      buffer.erase(0, step.used);
      used += step.used;
      if (step.event == Event::refused) {
        must(!parser.reason().empty() && !parser.keeps_alive());
        return seen + body + std::string(parser.reason());
      }
      if (step.event == Event::end) return seen + body + "end" + std::to_string(used);
      if (step.event == Event::more) break;
    }
    must(buffer.size() <= 8192 + kHeadMax + piece);
  }
  const bool whole = parser.end_of_input(buffer.size()) == Event::end;
  must(whole || !parser.reason().empty());
  return seen + body + (whole ? "closed" : "broken");
}

std::string read_events(std::string_view text, std::size_t piece) {
  net::SseParser parser(kEventMax);
  std::string seen;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const bool readable = parser.feed(text.substr(at, piece), [&](const net::SseEvent& event) {
      must(event.data.size() <= kEventMax && event.type.size() <= kEventMax);
      must(event.type.find_first_of("\r\n") == std::string_view::npos);
      must(event.data.find('\r') == std::string_view::npos);
      seen.append(event.type).append("|").append(event.data).append("|");
      seen.append(event.last_event_id).append("\n");
    });
    if (!readable) return seen + "too large";
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool bodiless = (data[size - 1] & 1) != 0;
  const std::string whole = read_answer(bytes, size + 1, bodiless);
  must(read_answer(bytes, 1, bodiless) == whole);
  must(read_answer(bytes, 7, bodiless) == whole);
  const std::string events = read_events(bytes, size + 1);
  must(read_events(bytes, 1) == events);
  must(read_events(bytes, 5) == events);
  return 0;
}
