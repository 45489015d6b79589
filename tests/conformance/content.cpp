#include "content.h"

namespace rogerthat::conformance {

namespace {

std::string binary_content(std::string_view type, std::string_view mime_type,
                           std::string_view base64) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .field("type", type)
      .field("data", base64)
      .field("mimeType", mime_type)
      .end_object();
  return out;
}

}  // namespace

std::string text_content(std::string_view text) {
  std::string out;
  JsonWriter(out).begin_object().field("type", "text").field("text", text).end_object();
  return out;
}

std::string image_content() {
  return binary_content("image", "image/png", kRedPixel);
}

std::string audio_content() {
  return binary_content("audio", "audio/wav", kSilence);
}

std::string resource_content(std::string_view uri, std::string_view mime_type,
                             std::string_view text) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("type", "resource").key("resource").begin_object();
  json.field("uri", uri).field("mimeType", mime_type).field("text", text);
  json.end_object().end_object();
  return out;
}

std::string tool_result(std::initializer_list<std::string> contents, bool is_error) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("content").begin_array();
  for (const std::string& content : contents) json.raw(content);
  json.end_array();
  if (is_error) json.field("isError", true);
  json.end_object();
  return out;
}

std::string tool_text(std::string_view text) {
  return tool_result({text_content(text)});
}

std::string prompt_result(std::initializer_list<std::string> contents) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("messages").begin_array();
  for (const std::string& content : contents) {
    json.begin_object().field("role", "user").key("content").raw(content).end_object();
  }
  json.end_array().end_object();
  return out;
}

std::string_view string_at(const std::optional<JsonValue>& object, std::string_view name) {
  if (!object) return {};
  const auto value = object->find(name);
  return value && value->is(JsonValue::Type::string) ? value->string() : std::string_view();
}

}  // namespace rogerthat::conformance
