// JSON in and out. A writer that appends to a string, and a reader over simdjson that
// keeps its buffers per thread. What a field must be is said by whoever asks for it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace rogerthat {

// Appends JSON to a string of the caller's. Commas are its business, nesting is the caller's:
// object("name") ... end_object(). A line break is never written, so a document is one line.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);  // the name is written as it is: it needs no escaping

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  JsonWriter& value(double number);
  JsonWriter& value(bool flag);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // already JSON

  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  JsonWriter& null_field(std::string_view name) { return key(name).null(); }

 private:
  void separate();
  std::string& out_;
  bool need_comma_ = false;
};

void append_json_string(std::string& out, std::string_view text);  // with the quotes

// A parsed value: two words that view into this thread's document. Dies with the next
// JsonDocument::parse on the same thread.
class JsonValue {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };

  Type type() const;
  bool is(Type t) const { return type() == t; }
  bool is_null() const { return is(Type::null); }

  // Each is valid only for its type.
  bool boolean() const;
  std::int64_t integer() const;  // numbers without a fraction that fit into 64 bits
  double number() const;         // `integer` and `number`
  std::string_view string() const;

  // The last field of that name, as JavaScript has it; null counts as absent, and so does
  // everything when this is no object.
  std::optional<JsonValue> find(std::string_view name) const;

  // Calls visit(key, value) / visit(value) in the order of the document.
  template <class Visit>
  void each_field(Visit visit) const {
    walk_fields(&visit, [](void* v, std::string_view key, JsonValue value) {
      (*static_cast<Visit*>(v))(key, value);
    });
  }
  template <class Visit>
  void each_item(Visit visit) const {
    walk_items(&visit, [](void* v, JsonValue value) { (*static_cast<Visit*>(v))(value); });
  }
  std::size_t size() const;  // of an array

 private:
  friend class JsonDocument;
  void walk_fields(void* context, void (*visit)(void*, std::string_view, JsonValue)) const;
  void walk_items(void* context, void (*visit)(void*, JsonValue)) const;

  std::uintptr_t element_[2] = {};  // the parser's own reference; its header stays out of ours
};

// Writes a parsed value again, on one line.
void append_json(std::string& out, const JsonValue& value);

struct JsonError {
  std::size_t byte = 0;  // where the document stops being JSON, counted from 0
  std::string reason;
};

// Parses a whole document into this thread's parser: nothing but white space may follow it, valid
// UTF-8 throughout, at most 64 levels deep.
class JsonDocument {
 public:
  static std::expected<JsonValue, JsonError> parse(std::string_view text);
};

}  // namespace rogerthat
