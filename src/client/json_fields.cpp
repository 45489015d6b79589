#include "client/json_fields.h"

#include <algorithm>

namespace rogerthat::client {

std::string with_fields(const std::optional<JsonValue>& object,
                        std::initializer_list<JsonField> fields) {
  std::string out = "{";
  const auto begin_field = [&out](std::string_view name) {
    if (out.size() > 1) out += ',';
    append_json_string(out, name);
    out += ':';
  };
  if (object && object->is(JsonValue::Type::object)) {
    object->each_field([&](std::string_view name, JsonValue value) {
      if (std::ranges::any_of(fields, [name](const JsonField& f) { return f.first == name; })) {
        return;
      }
      begin_field(name);
      append_json(out, value);
    });
  }
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    begin_field(name);
    out += value;
  }
  return out += '}';
}

std::string with_fields(std::string_view object_json, std::initializer_list<JsonField> fields) {
  const auto parsed = JsonDocument::parse(object_json);
  return with_fields(parsed ? std::optional(*parsed) : std::nullopt, fields);
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string_view string_field(const std::optional<JsonValue>& object, std::string_view name) {
  const auto field = object ? object->find(name) : std::nullopt;
  return field && field->is(JsonValue::Type::string) ? field->string() : std::string_view();
}

std::int64_t integer_field(const std::optional<JsonValue>& object, std::string_view name) {
  const auto field = object ? object->find(name) : std::nullopt;
  return field && field->is(JsonValue::Type::integer) ? field->integer() : 0;
}

}  // namespace rogerthat::client
