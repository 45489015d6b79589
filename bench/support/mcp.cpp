#include "support/mcp.h"

#include <optional>

#include <fmt/core.h>

#include "base/json.h"

namespace rogerthat::bench {
namespace {

// Sessions of one address are bounded. A hub on loopback believes what a proxy there says of its
// clients: every so many sessions come from another one.
constexpr std::size_t kSessionsPerAddress = 500;

constexpr std::string_view kRevisionHeader = "MCP-Protocol-Version: 2025-11-25\r\n";
constexpr std::string_view kModernMeta =
    R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{})";
constexpr std::string_view kInitialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
    R"("capabilities":{},"clientInfo":{"name":"bench","version":"1.0"}}})";
constexpr std::string_view kInitialized =
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

// The structured content of a tool's answer, or why there is none.
JsonValue content_of(const std::string& body) {
  const auto document = JsonDocument::parse(body);
  const auto result = document ? document->find("result") : std::nullopt;
  const auto content = result ? result->find("structuredContent") : std::nullopt;
  const auto failed = result ? result->find("isError") : std::nullopt;
  if (!content || (failed && failed->is(JsonValue::Type::boolean) && failed->boolean())) {
    throw Failure(fmt::format("a tool failed: {:.300}", body));
  }
  return *content;
}

}  // namespace

McpClients::McpClients(int port, std::string_view generation)
    : port_(port), modern_(generation == "modern") {
  if (!modern_ && generation != "legacy") throw Failure("--kind is legacy or modern");
}

std::string McpClients::post(std::string_view headers, std::string_view body) const {
  return fmt::format(
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}"
      "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      port_, headers, body.size(), body);
}

std::string McpClients::call(const McpSeat& seat, std::string_view tool, std::string_view arguments,
                             std::size_t progress_token) const {
  std::string meta;
  if (modern_) meta = kModernMeta;
  if (progress_token > 0) {
    if (!meta.empty()) meta += ',';
    meta += fmt::format(R"("progressToken":{})", progress_token);
  }
  if (!meta.empty()) meta = fmt::format(R"(,"_meta":{{{}}})", meta);
  const std::string body = fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                                       R"("params":{{"name":"{}","arguments":{{{}{}}}{}}}}})",
                                       tool, seat.handles, arguments, meta);
  if (!modern_) return post(seat.session_header, body);
  return post(fmt::format("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
                          "Mcp-Name: {}\r\n",
                          tool),
              body);
}

std::vector<McpSeat> McpClients::open_sessions(Loop& loop, std::size_t count) const {
  std::vector<std::string> openings;
  for (std::size_t i = 0; i < count; i++) {
    const std::size_t address = i / kSessionsPerAddress;
    openings.push_back(post(
        fmt::format("X-Forwarded-For: 10.0.{}.{}\r\n", address / 256, address % 256), kInitialize));
  }
  std::vector<McpSeat> seats(count);
  ask_each(loop, openings, [&](std::size_t i, const Response& response) {
    const std::string_view session = header_value(response, "mcp-session-id");
    if (session.empty()) throw Failure("initialize was answered without a session");
    seats[i].session_header = fmt::format("Mcp-Session-Id: {}\r\n{}", session, kRevisionHeader);
  });
  std::vector<std::string> greetings;
  for (const McpSeat& seat : seats) greetings.push_back(post(seat.session_header, kInitialized));
  ask_all(loop, greetings);
  return seats;
}

std::vector<McpSeat> McpClients::join(Loop& loop, const std::vector<Channel>& channels,
                                      std::size_t each) const {
  const std::size_t count = channels.size() * each;
  std::vector<McpSeat> seats = modern_ ? std::vector<McpSeat>(count) : open_sessions(loop, count);
  std::vector<std::string> joins;
  for (std::size_t i = 0; i < count; i++) {
    const Channel& channel = channels[i / each];
    joins.push_back(call(seats[i], "join",
                         fmt::format(R"("channel_id":"{}","token":"{}","callsign":"agent-{}")",
                                     channel.id, channel.token, i % each)));
  }
  const std::vector<std::string> answers = ask_all(loop, joins);
  for (std::size_t i = 0; i < count; i++) {
    const auto session = content_of(answers[i]).find("session_id");
    if (!session || !session->is(JsonValue::Type::string)) {
      throw Failure(fmt::format("a join gave no session: {:.300}", answers[i]));
    }
    if (!modern_) continue;
    seats[i].handles = fmt::format(R"("channel_id":"{}","session":"{}",)", channels[i / each].id,
                                   session->string());
  }
  return seats;
}

SendRequest McpClients::send_request(const McpSeat& seat, std::size_t text_bytes) const {
  return stamped(
      call(seat, "send", fmt::format(R"("to":"all","message":"{}")", stamped_text(text_bytes))));
}

void check_calls(Loop& loop, const std::vector<std::string>& requests) {
  for (const std::string& answer : ask_all(loop, requests)) content_of(answer);
}

}  // namespace rogerthat::bench
