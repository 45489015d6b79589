// Request bodies as the contract reads them: JSON whatever the Content-Type says, empty = {}, null
// = absent, a wrong type of a known field is named. Lives here: reading of fields by type. What
// fields there are, and what they must hold, is known to the routes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

// Reads fields and keeps the first complaint.
class FieldReader {
 public:
  void read(std::string_view name, JsonValue value, TextField& out);
  void read(std::string_view name, JsonValue value, std::optional<std::string_view>& out);
  void read(std::string_view name, JsonValue value, std::optional<bool>& out);
  void read(std::string_view name, JsonValue value, std::optional<double>& out);
  void read(std::string_view name, JsonValue value, std::optional<std::int64_t>& out);
  // True: `value` is of that type. A null is not, and no complaint.
  bool is(std::string_view name, JsonValue value, JsonValue::Type type);

  // One field of an object; an absent one leaves `out` as it is.
  template <class T>
  void read_from(const std::optional<JsonValue>& object, std::string_view name, T& out) {
    const auto value = object ? object->find(name) : std::nullopt;
    if (value) read(name, *value, out);
  }

  void complain(std::string sentence, std::string hint = {});
  const std::optional<Error>& error() const { return error_; }

 private:
  void wrong_type(std::string_view name, std::string_view wanted);
  std::optional<Error> error_;
};

}  // namespace rogerthat::api
