#include "api/tools/result.h"

#include <fmt/format.h>

#include "api/http/errors.h"
#include "base/json.h"

namespace rogerthat::api {

namespace {

void write_result(std::string& out, std::string_view text, std::string_view contents,
                  std::string_view structured, bool is_error) {
  out.clear();
  out += R"({"content":[{"type":"text","text":)";
  append_json_string(out, text);
  out += '}';
  out += contents;
  out += R"(],"structuredContent":)";
  out += structured;
  if (is_error) out += R"(,"isError":true)";
  out += '}';
}

// Not the scratch of the room: the parts of a result are made there.
std::string& buffer() {
  constexpr std::size_t kKept = 1 << 20;
  thread_local std::string bytes;
  if (bytes.capacity() > kKept) std::string().swap(bytes);
  return bytes;
}

}  // namespace

void ToolResult::add_image(std::string_view mime, std::string_view data_base64) {
  contents += ',';
  JsonWriter json(contents);
  json.begin_object();
  json.field("type", "image").field("data", data_base64).field("mimeType", mime);
  json.end_object();
}

void ToolResult::add_file(std::string_view uri, std::string_view mime,
                          std::string_view data_base64) {
  contents += ',';
  JsonWriter json(contents);
  json.begin_object().field("type", "resource").key("resource").begin_object();
  json.field("uri", uri).field("mimeType", mime).field("blob", data_base64);
  json.end_object().end_object();
}

void ToolResult::send(mcp::Reply& reply) const {
  std::string& out = buffer();
  write_result(out, text, contents, structured, false);
  reply.result(out);
}

void add_attachments(ToolResult& result, std::string_view channel_id,
                     std::span<const core::Message* const> messages) {
  for (const core::Message* message : messages) {
    if (!message->extras) continue;
    std::size_t number = 0;
    for (const core::Attachment& attachment : message->extras->attachments) {
      ++number;
      if (attachment.dropped) continue;
      if (attachment.mime.starts_with("image/")) {
        result.add_image(attachment.mime, attachment.data_base64);
      } else {
        result.add_file(
            fmt::format("rogerthat://channel/{}/attachment/{}/{}", channel_id, message->id, number),
            attachment.mime, attachment.data_base64);
      }
    }
  }
}

void send_error(mcp::Reply& reply, const Error& error) {
  std::string text = error.message;
  if (!error.hint.empty()) {
    text += ' ';
    text += error.hint;
  }
  std::string& out = buffer();
  write_result(out, text, {}, error_body(error), true);
  reply.result(out);
}

}  // namespace rogerthat::api
