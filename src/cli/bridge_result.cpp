#include "cli/bridge_result.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/bridge_json.h"

namespace rogerthat::cli {

namespace {

// What a hub tells clients that keep no session; this one keeps it for them.
constexpr std::string_view kPassHandles = ": pass channel_id and session with every call.";
constexpr std::string_view kHandlesKept = "; this connection knows it and keeps it alive.";

std::string content_of(const JsonValue& result, std::string_view notice) {
  std::string out = "[";
  const auto add = [&out](std::string_view block) {
    if (out.size() > 1) out += ',';
    out += block;
  };
  if (!notice.empty()) add(fmt::format(R"({{"type":"text","text":{}}})", json_text(notice)));
  const auto content = result.find("content");
  if (content && content->is(JsonValue::Type::array)) {
    content->each_item([&](JsonValue item) {
      const std::string text(string_field(item, "text"));
      const std::string kept = with_handles_kept(text);
      std::string block;
      if (kept == text) {
        append_json(block, item);
      } else {
        block = with_fields(item, {{"text", json_text(kept)}});
      }
      add(block);
    });
  }
  return out += ']';
}

}  // namespace

bool is_error(const JsonValue& result) {
  const auto flag = result.find("isError");
  return flag && flag->is(JsonValue::Type::boolean) && flag->boolean();
}

std::string first_text(const JsonValue& result) {
  std::string text;
  const auto content = result.find("content");
  if (!content || !content->is(JsonValue::Type::array)) return text;
  content->each_item([&](JsonValue item) {
    if (text.empty()) text = string_field(item, "text");
  });
  return text;
}

std::int64_t highest_message(const std::optional<JsonValue>& facts) {
  std::int64_t highest = 0;
  const auto messages = facts ? facts->find("messages") : std::nullopt;
  if (!messages || !messages->is(JsonValue::Type::array)) return highest;
  messages->each_item(
      [&](JsonValue message) { highest = std::max(highest, integer_field(message, "id")); });
  return highest;
}

std::string text_result(std::string_view text, std::string_view structured, bool error) {
  return fmt::format(
      R"({{"content":[{{"type":"text","text":{}}}]{}{}}})", json_text(text),
      structured.empty() ? "" : fmt::format(R"(,"structuredContent":{})", structured),
      error ? R"(,"isError":true)" : "");
}

std::string passed_result(const JsonValue& result, std::string_view notice) {
  std::string out = R"({"content":)" + content_of(result, notice);
  if (const auto structured = result.find("structuredContent")) {
    out += R"(,"structuredContent":)";
    append_json(out, *structured);
  }
  if (is_error(result)) out += R"(,"isError":true)";
  return out += '}';
}

std::string with_handles_kept(std::string text) {
  const std::size_t at = text.find(kPassHandles);
  if (at != std::string::npos) text.replace(at, kPassHandles.size(), kHandlesKept);
  return text;
}

}  // namespace rogerthat::cli
