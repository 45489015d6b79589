// Any bytes as a JSON document: never a crash, an error always names a byte inside the document,
// and what is accepted can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.h"

namespace {

using rogerthat::JsonDocument;
using rogerthat::JsonValue;
using rogerthat::JsonWriter;

void rewrite(JsonWriter& out, JsonValue value) {
  switch (value.type()) {
    case JsonValue::Type::null:
      out.null();
      break;
    case JsonValue::Type::boolean:
      out.value(value.boolean());
      break;
    case JsonValue::Type::integer:
      out.value(value.integer());
      break;
    case JsonValue::Type::number:
      out.value(value.number());
      break;
    case JsonValue::Type::string:
      out.value(value.string());
      break;
    case JsonValue::Type::array:
      out.begin_array();
      value.each_item([&](JsonValue item) { rewrite(out, item); });
      out.end_array();
      break;
    case JsonValue::Type::object:
      out.begin_array();  // keys may need escaping, which the writer leaves to its callers
      value.each_field([&](std::string_view key, JsonValue field) {
        out.value(key);
        rewrite(out, field);
      });
      out.end_array();
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = JsonDocument::parse(text);
  if (!parsed) {
    if (parsed.error().byte > size || parsed.error().reason.empty()) std::abort();
    return 0;
  }
  std::string again;
  JsonWriter writer(again);
  rewrite(writer, *parsed);
  if (!JsonDocument::parse(again)) std::abort();
  return 0;
}
