#include "api/http/body.h"

#include <cstring>

#include <fmt/format.h>

#include "api/http/field_names.h"
#include "base/utf8.h"

namespace rogerthat::api {

using Type = JsonValue::Type;

Result<std::optional<JsonValue>> parse_body(std::string_view body) {
  if (trim(body).empty()) return std::nullopt;
  const auto value = JsonDocument::parse(body);
  if (!value) {
    return fail(
        ErrorCode::invalid,
        fmt::format("The body is not valid JSON at byte {}: {}.", value.error().byte,
                    value.error().reason),
        "Send a JSON object. In a shell, put the body into a file or a quoted heredoc where "
        "the text holds quotes.");
  }
  if (!value->is(Type::object)) {
    const std::size_t start = body.find_first_not_of(" \t\r\n");
    return fail(
        ErrorCode::invalid,
        fmt::format("The body is not a JSON object: at byte {} something else begins.", start));
  }
  return *value;
}

void TextField::set(std::string_view text) {
  present_ = true;
  digit_count_ = 0;
  text_ = text;
}

void TextField::set(std::int64_t number) {
  present_ = true;
  const fmt::format_int digits(number);
  digit_count_ = static_cast<std::uint8_t>(digits.size());
  std::memcpy(digits_, digits.data(), digits.size());
}

void FieldReader::complain(std::string sentence, std::string hint) {
  if (!error_) error_ = Error{ErrorCode::invalid, std::move(sentence), std::move(hint)};
}

void FieldReader::wrong_type(std::string_view name, std::string_view wanted) {
  complain(fmt::format("{} must be {}.", name, wanted));
}

void FieldReader::read(std::string_view name, JsonValue value, TextField& out) {
  switch (value.type()) {
    case Type::null:
      out.clear();
      return;
    case Type::string:
      out.set(value.string());
      return;
    case Type::integer:
      out.set(value.integer());
      return;
    default:
      wrong_type(name, "a string or an integer");
  }
}

void FieldReader::read(std::string_view name, JsonValue value, std::string_view& out) {
  std::optional<std::string_view> text;
  read(name, value, text);
  out = text.value_or("");
}

void FieldReader::read(std::string_view name, JsonValue value,
                       std::optional<std::string_view>& out) {
  switch (value.type()) {
    case Type::null:
      out.reset();
      return;
    case Type::string:
      out = value.string();
      return;
    default:
      wrong_type(name, "a string");
  }
}

void FieldReader::read(std::string_view name, JsonValue value, std::optional<bool>& out) {
  switch (value.type()) {
    case Type::null:
      out.reset();
      return;
    case Type::boolean:
      out = value.boolean();
      return;
    default:
      wrong_type(name, "true or false");
  }
}

void FieldReader::read(std::string_view name, JsonValue value, std::optional<double>& out) {
  switch (value.type()) {
    case Type::null:
      out.reset();
      return;
    case Type::integer:
    case Type::number:
      out = value.number();
      return;
    default:
      wrong_type(name, "a number");
  }
}

void FieldReader::read(std::string_view name, JsonValue value, std::optional<std::int64_t>& out) {
  switch (value.type()) {
    case Type::null:
      out.reset();
      return;
    case Type::integer:
      out = value.integer();
      return;
    default:
      wrong_type(name, "an integer");
  }
}

void FieldReader::unknown_inside(std::string_view object, std::string_view name,
                                 std::span<const std::string_view> known) {
  const std::string_view meant = meant_name(name, known);
  if (meant.empty()) return;
  complain(fmt::format("{} has no field \"{}\": did you mean \"{}\"?", object, name, meant));
}

bool FieldReader::is(std::string_view name, JsonValue value, Type type) {
  if (value.is(type)) return true;
  if (!value.is_null()) {
    wrong_type(name, type == Type::array    ? "an array"
                     : type == Type::object ? "an object"
                                            : "a string");
  }
  return false;
}

}  // namespace rogerthat::api
