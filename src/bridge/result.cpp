#include "bridge/result.h"

#include <fmt/format.h>

#include "client/json_fields.h"
#include "client/tool_result.h"

namespace rogerthat::bridge {

namespace {

using client::is_error;
using client::json_text;
using client::string_field;
using client::with_fields;

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

}  // namespace rogerthat::bridge
