#include "client/tool_result.h"

#include <algorithm>

#include "client/json_fields.h"

namespace rogerthat::client {

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

std::vector<std::int64_t> message_ids(const std::optional<JsonValue>& facts) {
  std::vector<std::int64_t> ids;
  const auto messages = facts ? facts->find("messages") : std::nullopt;
  if (!messages || !messages->is(JsonValue::Type::array)) return ids;
  messages->each_item([&](JsonValue message) { ids.push_back(integer_field(message, "id")); });
  return ids;
}

std::int64_t highest_message(const std::optional<JsonValue>& facts) {
  const std::vector<std::int64_t> ids = message_ids(facts);
  return ids.empty() ? 0 : std::max<std::int64_t>(0, *std::ranges::max_element(ids));
}

}  // namespace rogerthat::client
