#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/documents/discovery.h"
#include "api/documents/schema.h"
#include "api/http/shapes.h"
#include "api/routes.h"
#include "base/utf8.h"
#include "text_samples.h"

namespace rogerthat::api {
namespace {

// Follows "#/a/b/c" from the top of the document.
bool resolves(const JsonValue& document, std::string_view reference) {
  if (!reference.starts_with("#/")) return false;
  std::optional<JsonValue> at = document;
  reference.remove_prefix(2);
  while (at && !reference.empty()) {
    const std::size_t end = std::min(reference.find('/'), reference.size());
    at = at->find(reference.substr(0, end));
    reference.remove_prefix(std::min(end + 1, reference.size()));
  }
  return at.has_value();
}

void check_references(const JsonValue& document, const JsonValue& value, int& count) {
  if (value.is(JsonValue::Type::object)) {
    value.each_field([&](std::string_view key, JsonValue member) {
      if (key == "$ref") {
        ++count;
        EXPECT_TRUE(resolves(document, member.string())) << member.string();
      }
      check_references(document, member, count);
    });
  } else if (value.is(JsonValue::Type::array)) {
    value.each_item([&](JsonValue item) { check_references(document, item, count); });
  }
}

TEST(OpenApi, HasEveryDocumentedRouteOfTheTable) {
  const Sample sample;
  const std::string text = openapi_json(sample.view(), routes());
  const auto api = JsonDocument::parse(text);
  ASSERT_TRUE(api.has_value()) << text;
  EXPECT_EQ(api->find("openapi")->string(), "3.1.0");
  std::size_t operations = 0;
  api->find("paths")->each_field([&](std::string_view, JsonValue path) {
    path.each_field([&](auto, auto) { ++operations; });
  });
  EXPECT_EQ(operations,
            static_cast<std::size_t>(std::ranges::count(routes(), true, &Route::documented)));
  for (const Route& row : routes()) {
    if (!row.documented()) continue;
    const std::string path(row.path);
    const auto item = api->find("paths")->find(path);
    ASSERT_TRUE(item.has_value()) << path;
    const auto operation = item->find(lower_ascii(net::to_string(row.method)));
    ASSERT_TRUE(operation.has_value()) << path;
    EXPECT_EQ(operation->find("operationId")->string(), row.name);
    const auto responses = operation->find("responses");
    EXPECT_TRUE(responses->find("200")->find("content")->find(row.media).has_value()) << path;
    EXPECT_TRUE(responses->find("403").has_value()) << path;
    EXPECT_EQ(responses->find("401").has_value(),
              row.auth != RouteAuth::none || row.method == net::Method::post)
        << path;
  }
}

TEST(OpenApi, EveryParameterOfAPathIsDeclaredAndNoOther) {
  const Sample sample;
  const std::string text = openapi_json(sample.view(), routes());
  const auto api = JsonDocument::parse(text);
  api->find("paths")->each_field([&](std::string_view path, JsonValue item) {
    item.each_field([&](std::string_view, JsonValue operation) {
      std::set<std::string> declared;
      operation.find("parameters")->each_item([&](JsonValue parameter) {
        if (parameter.find("in")->string() != "path") return;
        EXPECT_TRUE(parameter.find("required")->boolean());
        declared.insert(std::string(parameter.find("name")->string()));
      });
      std::set<std::string> used;
      for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
        used.emplace(path.substr(at + 1, path.find('}', at) - at - 1));
      }
      EXPECT_EQ(declared, used) << path;
    });
  });
}

TEST(OpenApi, ReferencesAndSecuritySchemesExist) {
  const Sample sample;
  const std::string text = openapi_json(sample.view(), routes());
  const auto api = JsonDocument::parse(text);
  int references = 0;
  check_references(*api, *api, references);
  EXPECT_GT(references, 20);
  const auto schemes = api->find("components")->find("securitySchemes");
  api->find("paths")->each_field([&](std::string_view path, JsonValue item) {
    item.each_field([&](std::string_view, JsonValue operation) {
      operation.find("security")->each_item([&](JsonValue requirement) {
        requirement.each_field([&](std::string_view scheme, JsonValue) {
          EXPECT_TRUE(schemes->find(scheme).has_value()) << scheme << " of " << path;
        });
      });
    });
  });
}

TEST(OpenApi, EveryShapeIsDescribedAndUsed) {
  const Sample sample;
  const std::string text = openapi_json(sample.view(), routes());
  const auto api = JsonDocument::parse(text);
  for (const Shape& shape : shapes()) {
    EXPECT_TRUE(api->find("components")->find("schemas")->find(shape.name).has_value());
    EXPECT_NE(text.find(fmt::format("schemas/{}\"", shape.name)), text.npos) << shape.name;
  }
}

TEST(Schema, ReadsTheNotationOfShapes) {
  const auto schema = [](std::string_view fields) {
    std::string out;
    JsonWriter json(out);
    write_object_schema(json, fields);
    return out;
  };
  EXPECT_EQ(schema("ok: boolean, next?: string|null"),
            R"({"type":"object","required":["ok"],"properties":{"ok":{"type":"boolean"},)"
            R"("next":{"type":["string","null"]}}})");
  EXPECT_EQ(schema("all?: {who: string, at?: Gap}[], any?: any"),
            R"({"type":"object","properties":{"all":{"type":"array","items":{"type":"object",)"
            R"("required":["who"],"properties":{"who":{"type":"string"},)"
            R"("at":{"$ref":"#/components/schemas/Gap"}}}},"any":{}}})");
  EXPECT_EQ(schema("by: {*: integer}"),
            R"({"type":"object","required":["by"],"properties":{"by":{"type":"object",)"
            R"("additionalProperties":{"type":"integer"}}}})");
  EXPECT_EQ(field_names("ok: boolean, gap?: Gap, all: {who: string, on?: boolean}[], by: {*: any}"),
            "ok, gap?, all[{who, on?}], by");
  for (const char* broken :
       {"ok", "ok: ", ": string", "ok:boolean", "a: {b: string", "a: string,b"}) {
    EXPECT_THROW(schema(broken), std::logic_error) << broken;
  }
}

TEST(OpenApi, ShowsTheFieldsOfASend) {
  const Sample sample;
  const std::string text = openapi_json(sample.view(), routes());
  const auto api = JsonDocument::parse(text);
  const auto properties = api->find("paths")
                              ->find("/api/channels/{channel}/send")
                              ->find("post")
                              ->find("requestBody")
                              ->find("content")
                              ->find("application/json")
                              ->find("schema")
                              ->find("properties");
  for (const FieldDoc& field : route_named(routes(), "send").fields) {
    ASSERT_TRUE(properties->find(field.name).has_value()) << field.name;
    EXPECT_EQ(properties->find(field.name)->find("type")->string(), field.type);
  }
}

}  // namespace
}  // namespace rogerthat::api
