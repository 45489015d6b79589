// The result of a tool: a short text for the model, the same as JSON for programs, and what was
// attached. How the two and an error become what tools/call answers.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "core/message.h"
#include "mcp/call.h"

namespace rogerthat::api {

struct ToolResult {
  std::string text;
  std::string structured;  // a JSON object
  std::string contents;    // further content blocks, as JSON, each with a comma in front

  void add_image(std::string_view mime, std::string_view data_base64);
  void add_file(std::string_view uri, std::string_view mime, std::string_view data_base64);
  void send(mcp::Reply& reply) const;
};

// What is attached to these messages: images as such, other files as embedded resources.
void add_attachments(ToolResult& result, std::string_view channel_id,
                     std::span<const core::Message* const> messages);

// One sentence on what is wrong and one on what to do; the code stands in the structured content.
void send_error(mcp::Reply& reply, const Error& error);

// For whoever answers a call later, or at once where it fails.
template <class T>
bool failed(mcp::Reply& reply, const Result<T>& result) {
  if (!result) send_error(reply, result.error());
  return !result;
}

}  // namespace rogerthat::api
