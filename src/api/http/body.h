// Request bodies as the contract reads them: JSON whatever the Content-Type says, empty = {}, null
// = absent, a wrong type of a known field is named. An object is walked once, by a table of its
// fields. What fields there are, and what they must hold, is known to whoever has the table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace rogerthat::api {

// nullopt: an empty body. The value lives until the next parse on this thread.
Result<std::optional<JsonValue>> parse_body(std::string_view body);

// A text that may also be sent as a JSON integer.
class TextField {
 public:
  bool present() const { return present_; }
  bool is_number() const { return digit_count_ > 0; }
  std::string_view view() const {
    return digit_count_ > 0 ? std::string_view(digits_, digit_count_) : text_;
  }
  void set(std::string_view text);
  void set(std::int64_t number);
  void clear() { *this = TextField(); }

 private:
  bool present_ = false;
  std::uint8_t digit_count_ = 0;
  char digits_[22];
  std::string_view text_;
};

class FieldReader;

// One row of a table of fields: a name, and where its value goes.
template <class In>
struct Field {
  std::string_view name;
  void (*read)(FieldReader& reader, std::string_view name, JsonValue value, In& in);
};

// A table, and what it is read into. Several may share an object.
template <class In>
struct Part {
  std::span<const Field<In>> fields;
  In& in;

  bool take(FieldReader& reader, std::string_view name, JsonValue value) const {
    for (const Field<In>& field : fields) {
      if (field.name != name) continue;
      field.read(reader, name, value, in);
      return true;
    }
    return false;
  }
};
template <class In>
Part<In> part(std::span<const Field<std::type_identity_t<In>>> fields, In& in) {
  return {fields, in};
}

// Names that no table has. They view into the document.
class UnknownNames {
 public:
  static constexpr std::size_t kLookedAtMax = 1'000;  // the others are counted

  void note(std::string_view name) {
    ++count_;
    if (names_.size() < kLookedAtMax) names_.push_back(name);
  }
  std::size_t count() const { return count_; }
  std::span<const std::string_view> looked_at() const { return names_; }

 private:
  std::vector<std::string_view> names_;
  std::size_t count_ = 0;
};

// Reads fields and keeps the first complaint.
class FieldReader {
 public:
  // Walks an object once: each field is read by the table that has it.
  template <class... In>
  void read_object(const std::optional<JsonValue>& object, const Part<In>&... parts) {
    if (!object) return;
    object->each_field([&](std::string_view name, [[maybe_unused]] JsonValue value) {
      if (!(parts.take(*this, name, value) || ...)) unknown_.note(name);
    });
  }
  const UnknownNames& unknown() const { return unknown_; }

  void read(std::string_view name, JsonValue value, TextField& out);
  void read(std::string_view name, JsonValue value, std::string_view& out);  // absent: empty
  void read(std::string_view name, JsonValue value, std::optional<std::string_view>& out);
  void read(std::string_view name, JsonValue value, std::optional<bool>& out);
  void read(std::string_view name, JsonValue value, std::optional<double>& out);
  void read(std::string_view name, JsonValue value, std::optional<std::int64_t>& out);
  // True: `value` is of that type. A null is not, and no complaint.
  bool is(std::string_view name, JsonValue value, JsonValue::Type type);
  // An object within `object` holds a field that is none of `known`: refused where it is like one.
  void unknown_inside(std::string_view object, std::string_view name,
                      std::span<const std::string_view> known);

  void complain(std::string sentence, std::string hint = {});
  const std::optional<Error>& error() const { return error_; }

 private:
  void wrong_type(std::string_view name, std::string_view wanted);
  std::optional<Error> error_;
  UnknownNames unknown_;
};

// The usual row: {"name", read_member<&In::name>}.
template <auto Member, class In>
void read_member(FieldReader& reader, std::string_view name, JsonValue value, In& in) {
  reader.read(name, value, in.*Member);
}

}  // namespace rogerthat::api
