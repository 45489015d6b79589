#include "mcp/results.h"

#include <fmt/format.h>

#include "base/json.h"
#include "mcp/json_rpc.h"

namespace rogerthat::mcp {

namespace {

void append_field_name(std::string& out, std::string_view name) {
  out += '"';
  out += name;
  out += "\":";
}

void append_own_meta(std::string& out, const ServerInfo& info) {
  append_field_name(out, meta::kServerInfo);
  append_server_info(out, info, {});
}

// `fields`, with our name in its _meta.
void append_fields_with_meta(std::string& out, std::string_view inner, const ServerInfo& info,
                             std::size_t meta_value) {
  const std::size_t open = meta_value + 1;  // behind its brace
  out += inner.substr(0, open);
  append_own_meta(out, info);
  const std::string_view rest = inner.substr(open);
  const std::size_t next = rest.find_first_not_of(" \t");
  if (next != std::string_view::npos && rest[next] != '}') out += ',';
  out += rest;
}

void append_caching(std::string& out, std::string_view fields, const Application& application,
                    Caching caching) {
  const bool list = caching == Caching::list;
  if (!find_top_field(fields, "ttlMs")) {
    const fmt::format_int ttl(list ? application.list_ttl() : 0);
    out += R"("ttlMs":)";
    out.append(ttl.data(), ttl.size());
    out += ',';
  }
  if (!find_top_field(fields, "cacheScope")) {
    out += list && application.lists_are_public() ? R"("cacheScope":"public",)"
                                                  : R"("cacheScope":"private",)";
  }
}

void append_modern_result(std::string& out, const RunningCall& call, std::string_view fields,
                          Caching caching) {
  const Application& application = *call.origin().application;
  out += '{';
  if (!find_top_field(fields, "resultType")) out += R"("resultType":"complete",)";
  if (caching != Caching::none) append_caching(out, fields, application, caching);
  const auto meta_value = find_top_field(fields, "_meta");
  const std::string_view inner = fields.substr(1);
  if (meta_value) {
    return append_fields_with_meta(out, inner, application.info(), *meta_value - 1);
  }
  out += R"("_meta":{)";
  append_own_meta(out, application.info());
  out += '}';
  if (fields.find_first_not_of(" \t", 1) != fields.size() - 1) out += ',';
  out += inner;
}

}  // namespace

std::optional<std::size_t> find_top_field(std::string_view object_json, std::string_view name) {
  // Most results do not have the name at all, and finding that out is quick.
  if (object_json.find(name) == std::string_view::npos) return std::nullopt;
  int depth = 0;
  for (std::size_t i = 0; i < object_json.size(); ++i) {
    const char c = object_json[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t begin = i + 1;
    for (++i; i < object_json.size() && object_json[i] != '"'; ++i) {
      if (object_json[i] == '\\') ++i;
    }
    if (depth != 1 || object_json.substr(begin, i - begin) != name) continue;
    const std::size_t colon = object_json.find_first_not_of(" \t", i + 1);
    if (colon == std::string_view::npos || object_json[colon] != ':') continue;
    return object_json.find_first_not_of(" \t", colon + 1);
  }
  return std::nullopt;
}

void append_server_info(std::string& out, const ServerInfo& info, std::string_view revision) {
  JsonWriter json(out);
  json.begin_object();
  json.field("name", info.name);
  // Names beside the name came with 2025-06-18, the address with 2025-11-25.
  if (!info.title.empty() && revision >= "2025-06-18") json.field("title", info.title);
  json.field("version", info.version);
  if (!info.website_url.empty() && revision >= "2025-11-25") {
    json.field("websiteUrl", info.website_url);
  }
  json.end_object();
}

void append_call_result(std::string& out, const RunningCall& call, std::string_view fields,
                        Caching caching) {
  if (call.origin().era == Era::legacy) return append_result(out, call.id(), fields);
  out += R"({"jsonrpc":"2.0","id":)";
  out += call.id();
  out += R"(,"result":)";
  append_modern_result(out, call, fields, caching);
  out += '}';
}

void append_input_required(std::string& out, const RunningCall& call,
                           const std::vector<InputRequest>& inputs, std::string_view sealed_state) {
  std::string fields;
  JsonWriter json(fields);
  json.begin_object();
  json.field("resultType", "input_required");
  json.key("inputRequests").begin_object();
  for (const InputRequest& input : inputs) {
    std::string key;
    append_json_string(key, input.key);
    json.key(std::string_view(key).substr(1, key.size() - 2)).begin_object();
    json.field("method", input.method);
    json.key("params").raw(input.params.empty() ? "{}" : std::string_view(input.params));
    json.end_object();
  }
  json.end_object();
  json.field("requestState", sealed_state);
  json.end_object();
  append_call_result(out, call, fields, Caching::none);
}

}  // namespace rogerthat::mcp
