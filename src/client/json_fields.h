// JSON objects with some fields replaced: what is done to arguments and results on their way
// through, which otherwise stay as they are.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace rogerthat::client {

// A field's name and its value as JSON; an empty value leaves the field out.
using JsonField = std::pair<std::string_view, std::string>;

// `object` with these fields in place of its own of those names.
std::string with_fields(const std::optional<JsonValue>& object,
                        std::initializer_list<JsonField> fields);
std::string with_fields(std::string_view object_json, std::initializer_list<JsonField> fields);

std::string json_text(std::string_view text);  // as a JSON string

// Nothing where the field is missing or no string.
std::string_view string_field(const std::optional<JsonValue>& object, std::string_view name);
std::int64_t integer_field(const std::optional<JsonValue>& object, std::string_view name);

}  // namespace rogerthat::client
