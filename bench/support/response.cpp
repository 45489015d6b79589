#include "support/response.h"

#include <algorithm>
#include <charconv>
#include <optional>
namespace rogerthat::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool same_name(std::string_view name, std::string_view lower) {
  return std::ranges::equal(name, lower, [](char have, char want) {
    return (have >= 'A' && have <= 'Z' ? have + ('a' - 'A') : have) == want;
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <class Visit>
void each_header(std::string_view head, Visit visit) {
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    visit(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

// Calls visit with the content of every chunk; gives the length of the framed body, 0 if it does
// not end within `bytes`.
template <class Visit>
std::size_t walk_chunks(std::string_view bytes, Visit visit) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos) return 0;
    const auto size = number(bytes.substr(at, line_end - at), 16);
    if (!size) return 0;
    at = line_end + 2;
    if (bytes.size() < at + *size + 2) return 0;
    visit(bytes.substr(at, *size));
    at += *size + 2;
    if (*size == 0) return at;
  }
}

}  // namespace

ParseState parse_response(std::string_view bytes, Response& out) {
  const std::size_t head_end = bytes.find(kHeadEnd);
  if (head_end == std::string_view::npos) return ParseState::partial;
  out = Response();
  out.head = bytes.substr(0, head_end + 2);
  const auto status = out.head.size() > 12 ? number(out.head.substr(9, 3), 10) : std::nullopt;
  if (!status || !out.head.starts_with("HTTP/1.")) return ParseState::broken;
  out.status = static_cast<int>(*status);

  std::size_t content_length = 0;
  each_header(out.head, [&](std::string_view name, std::string_view value) {
    if (same_name(name, "content-length")) content_length = number(value, 10).value_or(0);
    if (same_name(name, "transfer-encoding")) out.chunked = value == "chunked";
  });
  const std::size_t body_begin = head_end + kHeadEnd.size();
  if (out.chunked) {
    content_length = walk_chunks(bytes.substr(body_begin), [](std::string_view) {});
    if (content_length == 0) return ParseState::partial;
  }
  if (bytes.size() < body_begin + content_length) return ParseState::partial;
  out.length = body_begin + content_length;
  out.body = bytes.substr(body_begin, content_length);
  return ParseState::complete;
}

std::string body_text(const Response& response) {
  if (!response.chunked) return std::string(response.body);
  std::string text;
  walk_chunks(response.body, [&](std::string_view chunk) { text += chunk; });
  return text;
}

std::string_view header_value(const Response& response, std::string_view lower_case_name) {
  std::string_view found;
  each_header(response.head, [&](std::string_view name, std::string_view value) {
    if (same_name(name, lower_case_name)) found = value;
  });
  return found;
}

}  // namespace rogerthat::bench
