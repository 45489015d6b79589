#include "resources.h"

#include <fmt/format.h>

#include "base/json.h"
#include "content.h"

namespace rogerthat::conformance {

namespace {

struct ResourceFixture {
  std::string_view uri;
  std::string_view name;
  std::string_view description;
  std::string_view mime_type;
  std::string_view holder;  // the field that holds the content: `text` or `blob`
  std::string_view content;
};

constexpr ResourceFixture kResources[] = {
    {"test://static-text", "static-text", "A text that stays the same.", "text/plain", "text",
     "This is the content of the static text resource."},
    {"test://static-binary", "static-binary", "An image that stays the same.", "image/png", "blob",
     kRedPixel},
    {kWatchedResource, "watched-resource", "A text that can be watched.", "text/plain", "text",
     "This is the content of the watched resource."},
};

constexpr std::string_view kTemplatePrefix = "test://template/";
constexpr std::string_view kTemplateSuffix = "/data";

std::string contents(std::string_view uri, std::string_view mime_type, std::string_view holder,
                     std::string_view content) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("contents").begin_array().begin_object();
  json.field("uri", uri).field("mimeType", mime_type).field(holder, content);
  json.end_object().end_array().end_object();
  return out;
}

std::optional<std::string> read_template(std::string_view uri) {
  if (!uri.starts_with(kTemplatePrefix) || !uri.ends_with(kTemplateSuffix)) return std::nullopt;
  if (uri.size() <= kTemplatePrefix.size() + kTemplateSuffix.size()) return std::nullopt;
  std::string_view id = uri.substr(kTemplatePrefix.size());
  id.remove_suffix(kTemplateSuffix.size());
  std::string text;
  JsonWriter(text)
      .begin_object()
      .field("id", id)
      .field("templateTest", true)
      .field("data", fmt::format("Data for ID: {}", id))
      .end_object();
  return contents(uri, "application/json", "text", text);
}

}  // namespace

std::string resources_json() {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const ResourceFixture& resource : kResources) {
    json.begin_object().field("uri", resource.uri).field("name", resource.name);
    json.field("description", resource.description).field("mimeType", resource.mime_type);
    json.end_object();
  }
  json.end_array();
  return out;
}

std::string resource_templates_json() {
  std::string out;
  JsonWriter json(out);
  json.begin_array().begin_object();
  json.field("uriTemplate", fmt::format("{}{{id}}{}", kTemplatePrefix, kTemplateSuffix));
  json.field("name", "template").field("description", "Data that knows its id.");
  json.field("mimeType", "application/json").end_object().end_array();
  return out;
}

std::optional<std::string> read_resource(std::string_view uri) {
  for (const ResourceFixture& resource : kResources) {
    if (resource.uri != uri) continue;
    return contents(uri, resource.mime_type, resource.holder, resource.content);
  }
  return read_template(uri);
}

}  // namespace rogerthat::conformance
