#include "client/incoming.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/utf8.h"

namespace rogerthat::client {

namespace {

using Type = JsonValue::Type;

std::string text_of(const JsonValue& value) {
  return value.is(Type::string) ? std::string(value.string()) : std::string();
}

std::int64_t id_of(const JsonValue& value) {
  return value.is(Type::integer) ? value.integer() : 0;
}

IncomingFile read_file(const JsonValue& value) {
  IncomingFile file;
  value.each_field([&](std::string_view key, JsonValue field) {
    if (key == "mime") file.mime = text_of(field);
    if (key == "filename") file.name = text_of(field);
    if (key == "data_base64" && field.is(Type::string)) {
      file.bytes = decoded_base64_size(field.string()).value_or(0);
    }
  });
  return file;
}

}  // namespace

std::optional<Incoming> read_incoming(std::string_view json) {
  const auto parsed = JsonDocument::parse(json);
  if (!parsed || !parsed->is(Type::object)) return std::nullopt;
  Incoming message;
  parsed->each_field([&](std::string_view key, JsonValue value) {
    if (key == "id") message.id = id_of(value);
    if (key == "reply_to") message.reply_to = id_of(value);
    if (key == "from") message.from = text_of(value);
    if (key == "to") message.to = text_of(value);
    if (key == "text") message.text = text_of(value);
    if (key == "priority") message.priority = text_of(value);
    if (key == "kind") message.status = text_of(value) == "status";
    if (key == "verified") message.verified = value.is(Type::boolean) && value.boolean();
    if (key == "attachments" && value.is(Type::array)) {
      value.each_item([&](JsonValue item) { message.files.push_back(read_file(item)); });
    }
    if (key == "suggested_replies" && value.is(Type::array)) {
      value.each_item([&](JsonValue item) { message.suggested_replies.push_back(text_of(item)); });
    }
  });
  // What a hub calls its members is plain; from anybody else's server it may be anything.
  for (std::string* const name : {&message.from, &message.to, &message.priority}) {
    if (has_control_or_line_break(*name)) return std::nullopt;
  }
  if (message.id <= 0 || message.from.empty()) return std::nullopt;
  return message;
}

core::TrustPosture read_posture(std::string_view name) {
  using core::TrustPosture;
  for (const auto posture : {TrustPosture::trusted_no_password, TrustPosture::trusted_authorized,
                             TrustPosture::trusted_identity}) {
    if (core::to_string(posture) == name) return posture;
  }
  return TrustPosture::untrusted;
}

}  // namespace rogerthat::client
