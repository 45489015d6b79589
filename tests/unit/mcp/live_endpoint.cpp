#include "live_endpoint.h"

#include <stdexcept>

#include <fmt/format.h>

namespace rogerthat::mcp {

void LiveEndpoint::begin(std::size_t loops) {
  live = std::make_unique<net::LiveServer>(server_options, loops);
  options.loops.clear();
  for (std::size_t i = 0; i < loops; ++i) options.loops.push_back(&live->loop(i));
  endpoint = std::make_unique<HttpEndpoint>(options);
  live->handler.on_request = [this](const net::Request& request, net::Exchange exchange) {
    std::uint32_t shard = 0;
    while (options.loops[shard] != net::Loop::current()) ++shard;
    endpoint->handle(shard, request, std::move(exchange), application, "", nullptr);
  };
  live->start();
}

void LiveEndpoint::TearDown() {
  live->stop();
  endpoint.reset();
  application.forget();  // it may hold a call for longer
  live.reset();
}

std::string LiveEndpoint::http(std::string_view method, std::string_view headers,
                               std::string_view body) {
  return fmt::format("{} /mcp HTTP/1.1\r\nHost: h\r\n{}Content-Length: {}\r\n\r\n{}", method,
                     headers, body.size(), body);
}

net::Answer LiveEndpoint::ask(std::string_view request) {
  net::Client client(*live);
  client.send(request);
  return client.answer();
}

std::string LiveEndpoint::open_session(std::string_view revision, std::string_view headers,
                                       std::string_view capabilities) {
  const std::string body = fmt::format(
      R"({{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"{}",)"
      R"("capabilities":{},"clientInfo":{{"name":"t","version":"1"}}}}}})",
      revision, capabilities);
  const net::Answer answer = ask(post(body, headers));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.header("Mcp-Session-Id");
}

std::string LiveEndpoint::legacy_call(std::string_view tool, int id, std::string_view more_params) {
  return fmt::format(
      R"({{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{{"name":"{}"{}}}}})", id, tool,
      more_params);
}

std::string LiveEndpoint::modern_headers(std::string_view method, std::string_view name) {
  std::string lines = fmt::format("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {}\r\n", method);
  if (!name.empty()) lines += fmt::format("Mcp-Name: {}\r\n", name);
  return lines;
}

std::string LiveEndpoint::modern_body(std::string_view method, std::string_view more_params,
                                      std::string_view capabilities, std::string_view id) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{{"_meta":{{)"
                     R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                     R"("io.modelcontextprotocol/clientCapabilities":{}}}{}}}}})",
                     id, method, capabilities, more_params);
}

std::string LiveEndpoint::modern_call(std::string_view tool, std::string_view more_params,
                                      std::string_view capabilities) {
  return post(
      modern_body("tools/call", fmt::format(R"(,"name":"{}"{})", tool, more_params), capabilities),
      modern_headers("tools/call", tool));
}

std::string next_event(net::Client& client, std::string* id) {
  const std::string event = client.read_until("\n\n");
  if (id != nullptr) {
    id->clear();
    if (const auto at = event.find("id: "); at != std::string::npos) {
      *id = event.substr(at + 4, event.find('\n', at) - at - 4);
    }
  }
  const auto data = event.find("data: ");
  if (data == std::string::npos) return "(comment)";
  return event.substr(data + 6, event.find('\n', data) - data - 6);
}

}  // namespace rogerthat::mcp
