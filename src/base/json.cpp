#include "base/json.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/eight_bytes.h"
#include "base/utf8.h"

namespace rogerthat {

namespace dom = simdjson::dom;

namespace {

static_assert(sizeof(dom::element) == sizeof(JsonValue));

dom::element element_of(const JsonValue& value) {
  return std::bit_cast<dom::element>(value);
}
JsonValue value_of(const dom::element& element) {
  return std::bit_cast<JsonValue>(element);
}

constexpr std::size_t kMaxDepth = 64;

// Finds where a document that the parser refused stops being JSON. Slow and simple: it runs only
// for the error message.
class Locator {
 public:
  explicit Locator(std::string_view text) : text_(text) {}

  JsonError locate() {
    space();
    if (value(0)) {
      space();
      if (at_ == text_.size()) {
        return {at_, is_valid_utf8(text_) ? "a number is out of range"
                                          : "the document is not valid UTF-8"};
      }
      reason_ = "something follows the end of the document";
    }
    return {at_, reason_};
  }

 private:
  bool no(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void space() {
    while (at_ < text_.size() &&
           (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
      ++at_;
  }
  bool literal(std::string_view word) {
    for (const char c : word) {
      if (peek() != c) return no("expected a value");
      ++at_;
    }
    return true;
  }
  bool digits() {
    if (peek() < '0' || peek() > '9') return no("expected a digit");
    while (peek() >= '0' && peek() <= '9') ++at_;
    return true;
  }
  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }
  // At the u of an escape; leaves its last digit to be passed.
  bool code_unit() {
    const std::size_t start = at_ - 1;
    const auto unit = hex_unit();
    if (!unit) return false;
    if (*unit < 0xd800 || *unit > 0xdfff) return true;
    const bool another = text_.substr(at_ + 1).starts_with("\\u");
    if (*unit < 0xdc00 && another) {
      at_ += 2;
      const auto second = hex_unit();
      if (!second) return false;
      if (*second >= 0xdc00 && *second <= 0xdfff) return true;
    }
    const std::string_view escape = text_.substr(start, 6);
    at_ = start;
    return no(
        fmt::format("a lone surrogate (half of a UTF-16 pair), {}: a character beyond U+FFFF is "
                    "written as two of them, like \\ud83d\\ude00, or as itself",
                    escape));
  }
  std::optional<unsigned> hex_unit() {
    unsigned unit = 0;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      const auto c = static_cast<unsigned char>(peek());
      if (std::isxdigit(c) == 0) {
        reason_ = "\\u needs four hexadecimal digits";
        return std::nullopt;
      }
      unit =
          unit * 16 + static_cast<unsigned>(std::isdigit(c) != 0 ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
  }
  bool string() {
    ++at_;
    while (at_ < text_.size() && peek() != '"') {
      if (static_cast<unsigned char>(peek()) < 0x20) {
        return no("a control character in a string must be escaped (a line break is \\n)");
      }
      if (peek() == '\\') {
        ++at_;
        if (peek() == 'u') {
          if (!code_unit()) return false;
        } else if (std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos ||
                   peek() == '\0') {
          return no("unknown escape in a string");
        }
      }
      ++at_;
    }
    if (at_ >= text_.size()) return no("a string is not closed");
    ++at_;
    return true;
  }
  bool members(char close, bool named, std::size_t depth) {
    ++at_;
    space();
    if (peek() == close) {
      ++at_;
      return true;
    }
    while (true) {
      space();
      if (named) {
        if (peek() != '"') return no("expected a field name in double quotes");
        if (!string()) return false;
        space();
        if (peek() != ':') return no("expected ':' after a field name");
        ++at_;
        space();
      }
      if (!value(depth + 1)) return false;
      space();
      if (peek() == close) {
        ++at_;
        return true;
      }
      if (peek() != ',') return no(named ? "expected ',' or '}'" : "expected ',' or ']'");
      ++at_;
    }
  }
  bool value(std::size_t depth) {
    if (depth > kMaxDepth) return no("nested too deeply");
    switch (peek()) {
      case '{':
        return members('}', true, depth);
      case '[':
        return members(']', false, depth);
      case '"':
        return string();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9':
        return number();
      default:
        return no("expected a value");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string reason_;
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  using namespace eight_bytes;
  out.push_back('"');
  std::size_t plain = 0;  // start of the run that needs no escaping
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (; i + 8 <= text.size(); i += 8) {
      const std::uint64_t eight = load(text.data() + i);
      const std::uint64_t escaped =
          any_below(eight, 0x20) | any_is(eight, '"') | any_is(eight, '\\') | any_is(eight, 0x7f);
      if (escaped != 0) break;
    }
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    }
  }
  out.append(text, plain, text.size() - plain);
  out.push_back('"');
}

void JsonWriter::separate() {
  if (need_comma_) out_.push_back(',');
  need_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  need_comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  need_comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  const std::size_t before = out_.size();
  out_.resize_and_overwrite(before + name.size() + 4, [&](char* text, std::size_t) {
    char* at = text + before;
    if (need_comma_) *at++ = ',';
    *at++ = '"';
    at = std::ranges::copy(name, at).out;
    *at++ = '"';
    *at++ = ':';
    return static_cast<std::size_t>(at - text);
  });
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}
JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  const fmt::format_int digits(number);
  out_.append(digits.data(), digits.size());
  return *this;
}
JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  const fmt::format_int digits(number);
  out_.append(digits.data(), digits.size());
  return *this;
}
JsonWriter& JsonWriter::value(double number) {
  separate();
  if (std::isfinite(number)) {
    fmt::format_to(std::back_inserter(out_), "{}", number);
  } else {
    out_ += "null";
  }
  return *this;
}
JsonWriter& JsonWriter::value(bool flag) {
  separate();
  out_ += flag ? "true" : "false";
  return *this;
}
JsonWriter& JsonWriter::null() {
  separate();
  out_ += "null";
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonValue::Type JsonValue::type() const {
  switch (element_of(*this).type()) {
    case dom::element_type::ARRAY:
      return Type::array;
    case dom::element_type::OBJECT:
      return Type::object;
    case dom::element_type::INT64:
      return Type::integer;
    case dom::element_type::UINT64:  // above 2^63: no integer of ours
    case dom::element_type::DOUBLE:
      return Type::number;
    case dom::element_type::STRING:
      return Type::string;
    case dom::element_type::BOOL:
      return Type::boolean;
    case dom::element_type::NULL_VALUE:
      break;
  }
  return Type::null;
}

bool JsonValue::boolean() const {
  return element_of(*this).get_bool().value_unsafe();
}
std::int64_t JsonValue::integer() const {
  return element_of(*this).get_int64().value_unsafe();
}
double JsonValue::number() const {
  return element_of(*this).get_double().value_unsafe();
}
std::string_view JsonValue::string() const {
  return element_of(*this).get_string().value_unsafe();
}
std::size_t JsonValue::size() const {
  return element_of(*this).get_array().value_unsafe().size();
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  std::optional<JsonValue> found;
  if (!is(Type::object)) return found;
  each_field([&](std::string_view key, JsonValue value) {
    if (key == name) found = value;
  });
  if (found && found->is_null()) found.reset();
  return found;
}

void JsonValue::walk_fields(void* context,
                            void (*visit)(void*, std::string_view, JsonValue)) const {
  const dom::object object = element_of(*this).get_object().value_unsafe();
  for (const auto field : object) visit(context, field.key, value_of(field.value));
}

void JsonValue::walk_items(void* context, void (*visit)(void*, JsonValue)) const {
  const dom::array array = element_of(*this).get_array().value_unsafe();
  for (const auto item : array) visit(context, value_of(item));
}

namespace {
void write_value(JsonWriter& json, const JsonValue& value) {
  switch (value.type()) {
    case JsonValue::Type::null:
      json.null();
      return;
    case JsonValue::Type::boolean:
      json.value(value.boolean());
      return;
    case JsonValue::Type::integer:
      json.value(value.integer());
      return;
    case JsonValue::Type::number:
      json.value(value.number());
      return;
    case JsonValue::Type::string:
      json.value(value.string());
      return;
    case JsonValue::Type::array:
      json.begin_array();
      value.each_item([&](JsonValue item) { write_value(json, item); });
      json.end_array();
      return;
    case JsonValue::Type::object:
      json.begin_object();
      value.each_field([&](std::string_view name, JsonValue field) {
        std::string quoted;
        append_json_string(quoted, name);
        json.key(std::string_view(quoted).substr(1, quoted.size() - 2));
        write_value(json, field);
      });
      json.end_object();
      return;
  }
}
}  // namespace

void append_json(std::string& out, const JsonValue& value) {
  JsonWriter json(out);
  write_value(json, value);
}

std::expected<JsonValue, JsonError> JsonDocument::parse(std::string_view text) {
  thread_local dom::parser parser = [] {
    dom::parser p;
    // The depth is a property of the parser's buffers: set once, kept while they grow.
    if (p.allocate(4096, kMaxDepth) != simdjson::SUCCESS) std::abort();
    return p;
  }();
  dom::element root;
  if (parser.parse(text.data(), text.size(), true).get(root) != simdjson::SUCCESS) {
    return std::unexpected(Locator(text).locate());
  }
  return value_of(root);
}

}  // namespace rogerthat
