#include "bridge/result.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/json_fields.h"
#include "client/tool_result.h"

namespace rogerthat::bridge {

namespace {

using client::is_error;
using client::json_text;
using client::with_fields;

std::string content_of(const JsonValue& result, std::string_view notice, std::string_view signals) {
  std::string out = "[";
  const auto next = [&out] {
    if (out.size() > 1) out += ',';
  };
  for (const std::string_view text : {notice, signals}) {
    if (text.empty()) continue;
    next();
    out += fmt::format(R"({{"type":"text","text":{}}})", json_text(text));
  }
  const auto content = result.find("content");
  if (content && content->is(JsonValue::Type::array)) {
    content->each_item([&](JsonValue item) {
      next();
      append_json(out, item);
    });
  }
  return out += ']';
}

// The messages of a receive with the signals in their places among them.
std::string merged_messages(const JsonValue& structured, const std::vector<std::string>& signals) {
  std::vector<std::pair<std::int64_t, std::string>> all;
  const auto messages = structured.find("messages");
  if (messages && messages->is(JsonValue::Type::array)) {
    messages->each_item([&](JsonValue message) {
      std::string json;
      append_json(json, message);
      all.emplace_back(client::integer_field(message, "id"), std::move(json));
    });
  }
  for (const std::string& signal : signals) {
    const auto parsed = JsonDocument::parse(signal);
    if (parsed) all.emplace_back(client::integer_field(*parsed, "id"), signal);
  }
  std::ranges::sort(all);
  std::string out = "[";
  for (const auto& [id, json] : all) {
    if (out.size() > 1) out += ',';
    out += json;
  }
  return out += ']';
}

std::string with_signals(const JsonValue& structured, const std::vector<std::string>& signals) {
  std::string whole;
  append_json(whole, structured);
  if (signals.empty()) return whole;
  std::string messages = merged_messages(structured, signals);
  return with_fields(whole, {{"messages", std::move(messages)}, {"timed_out", "false"}});
}

}  // namespace

std::string text_result(std::string_view text, std::string_view structured, bool error) {
  return fmt::format(
      R"({{"content":[{{"type":"text","text":{}}}]{}{}}})", json_text(text),
      structured.empty() ? "" : fmt::format(R"(,"structuredContent":{})", structured),
      error ? R"(,"isError":true)" : "");
}

std::string passed_result(const JsonValue& result, std::string_view notice,
                          const Signals& signals) {
  std::string out = R"({"content":)" + content_of(result, notice, signals.text);
  const bool error = is_error(result);
  if (const auto structured = result.find("structuredContent")) {
    out += R"(,"structuredContent":)";
    out += with_signals(*structured, signals.json);
  }
  if (error) out += R"(,"isError":true)";
  return out += '}';
}

}  // namespace rogerthat::bridge
