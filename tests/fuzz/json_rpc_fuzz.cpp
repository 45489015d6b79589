// Whatever bytes come as a message, an event id or a header value: no crash, and what is read is
// written back as something that can be read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/http_headers.h"
#include "mcp/json_rpc.h"
#include "mcp/request_state.h"
#include "mcp/results.h"
#include "mcp/sse.h"

namespace {

using namespace rogerthat;

void must(bool holds) {
  if (!holds) std::abort();
}

void try_message(std::string_view text) {
  const auto message = mcp::parse_message(text);
  std::string answer;
  if (!message) {
    mcp::append_error(answer, message.error().id, message.error().code, message.error().message);
  } else if (message->kind == mcp::Message::Kind::request) {
    must(message->id.size() <= mcp::kIdBytesMax);
    const std::string id = message->id;
    mcp::append_result(answer, id, "{}");
    const auto again = mcp::parse_message(answer);
    must(again && again->id == id);
    return;
  } else {
    return;
  }
  const auto error = mcp::parse_message(answer);
  must(error && error->kind == mcp::Message::Kind::response);
}

void try_top_field(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document || !document->is(JsonValue::Type::object)) return;
  bool there = false;
  document->each_field([&](std::string_view name, JsonValue) { there = there || name == "_meta"; });
  const auto at = mcp::find_top_field(text, "_meta");
  // A name may be written with escapes, which is never done by whom this is for.
  must(!at || (there && *at < text.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_message(text);
  try_top_field(text);
  if (const auto id = mcp::parse_event_id(text)) {
    must(mcp::parse_event_id(mcp::to_text(*id)).has_value());
  }
  (void)mcp::decode_header_value(text);
  (void)mcp::read_accept(text);
  (void)mcp::open_state("a", text);
  return 0;
}
