#include "api/documents/schema.h"

#include <stdexcept>
#include <vector>

namespace rogerthat::api {

namespace {

struct SchemaType {
  std::string_view base;  // a name, or an object in braces
  bool list = false;
  bool nullable = false;
};

struct SchemaField {
  std::string_view name;  // "*": any
  bool optional = false;
  SchemaType type;
};

[[noreturn]] void broken(std::string_view text) {
  throw std::logic_error("not in the notation of shapes.h: " + std::string(text));
}

bool take_back(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

SchemaType parse_type(std::string_view text) {
  SchemaType type;
  type.nullable = take_back(text, "|null");
  type.list = take_back(text, "[]");
  const bool object = text.starts_with('{') && text.ends_with('}');
  if (text.empty() || (!object && text.find_first_of("{}[]|:, ") != text.npos)) broken(text);
  type.base = text;
  return type;
}

// The comma that ends the first field: one that stands in no braces.
std::size_t end_of_field(std::string_view fields) {
  int depth = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == '{') ++depth;
    if (fields[i] == '}') --depth;
    if (fields[i] == ',' && depth == 0) return i;
  }
  return fields.size();
}

std::vector<SchemaField> parse_fields(std::string_view fields) {
  std::vector<SchemaField> out;
  while (!fields.empty()) {
    const std::size_t end = end_of_field(fields);
    const std::string_view text = fields.substr(0, end);
    fields.remove_prefix(end);
    if (!fields.empty() && !fields.starts_with(", ")) broken(text);
    if (!fields.empty()) fields.remove_prefix(2);
    const std::size_t colon = text.find(": ");
    if (colon == text.npos || colon == 0) broken(text);
    SchemaField field{text.substr(0, colon), false, parse_type(text.substr(colon + 2))};
    field.optional = take_back(field.name, "?");
    out.push_back(field);
  }
  return out;
}

bool is_object(const SchemaType& type) {
  return type.base.starts_with('{');
}

std::string_view inside(const SchemaType& type) {
  return type.base.substr(1, type.base.size() - 2);
}

bool is_shape(std::string_view name) {
  return name.front() >= 'A' && name.front() <= 'Z';
}

void write_type(JsonWriter& json, SchemaType type);

void write_base(JsonWriter& json, const SchemaType& type) {
  if (is_object(type)) return write_object_schema(json, inside(type));
  json.begin_object();
  if (is_shape(type.base)) {
    json.field("$ref", "#/components/schemas/" + std::string(type.base));
  } else if (type.nullable) {
    json.key("type").begin_array().value(type.base).value("null").end_array();
  } else if (type.base != "any") {
    json.field("type", type.base);
  }
  json.end_object();
}

void write_type(JsonWriter& json, SchemaType type) {
  if (!type.list) return write_base(json, type);
  type.list = false;
  json.begin_object().field("type", "array").key("items");
  write_base(json, type);
  json.end_object();
}

std::string type_names(const SchemaType& type) {
  if (!is_object(type) || inside(type).starts_with('*')) return type.list ? "[]" : "";
  const std::string names = "{" + field_names(inside(type)) + "}";
  return type.list ? "[" + names + "]" : names;
}

}  // namespace

void write_object_schema(JsonWriter& json, std::string_view fields) {
  const std::vector<SchemaField> all = parse_fields(fields);
  json.begin_object().field("type", "object");
  if (!all.empty() && all.front().name == "*") {
    json.key("additionalProperties");
    write_type(json, all.front().type);
    json.end_object();
    return;
  }
  bool any_required = false;
  for (const SchemaField& field : all) any_required = any_required || !field.optional;
  if (any_required) {
    json.key("required").begin_array();
    for (const SchemaField& field : all) {
      if (!field.optional) json.value(field.name);
    }
    json.end_array();
  }
  json.key("properties").begin_object();
  for (const SchemaField& field : all) {
    json.key(field.name);
    write_type(json, field.type);
  }
  json.end_object().end_object();
}

std::string field_names(std::string_view fields) {
  std::string out;
  for (const SchemaField& field : parse_fields(fields)) {
    if (!out.empty()) out += ", ";
    out += field.name;
    out += type_names(field.type);
    if (field.optional) out += '?';
  }
  return out;
}

}  // namespace rogerthat::api
