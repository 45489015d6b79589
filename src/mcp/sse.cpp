#include "mcp/sse.h"

#include <charconv>
#include <memory>

#include <fmt/format.h>

namespace rogerthat::mcp {

namespace {

constexpr int kRetryMillis = 1000;

template <class Number>
bool take_number(std::string_view& text, Number& number, char end_mark) {
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (end_mark == '\0') return text.empty();
  if (!text.starts_with(end_mark)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string to_text(const EventId& id) {
  if (id.of_session) return fmt::format("s-{}", id.number);
  return fmt::format("c-{}-{}-{}", id.shard, id.stream, id.number);
}

std::optional<EventId> parse_event_id(std::string_view text) {
  EventId id;
  id.of_session = text.starts_with("s-");
  if (!id.of_session && !text.starts_with("c-")) return std::nullopt;
  text.remove_prefix(2);
  if (!id.of_session && (!take_number(text, id.shard, '-') || !take_number(text, id.stream, '-'))) {
    return std::nullopt;
  }
  if (!take_number(text, id.number, '\0')) return std::nullopt;
  return id;
}

net::SharedBytes event_bytes(std::string_view message, std::string_view id) {
  return std::make_shared<const std::string>(net::sse_event("message", message, id));
}

net::SharedBytes priming_bytes(std::string_view id) {
  return std::make_shared<const std::string>(
      net::http_chunk(fmt::format("id: {}\nretry: {}\ndata: \n\n", id, kRetryMillis)));
}

const net::SharedBytes& comment_bytes() {
  static const net::SharedBytes bytes =
      std::make_shared<const std::string>(net::http_chunk(":\n\n"));
  return bytes;
}

}  // namespace rogerthat::mcp
