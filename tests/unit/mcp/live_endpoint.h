// The endpoint on a server on loopback, with the application for tests; and the words of clients.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "live_server.h"
#include "mcp/http_endpoint.h"
#include "test_application.h"

namespace rogerthat::mcp {

inline constexpr std::string_view kBothTypes = "Accept: application/json, text/event-stream\r\n";

inline bool has(const net::Answer& answer, std::string_view text) {
  return answer.body.find(text) != std::string::npos;
}

class LiveEndpoint : public testing::Test {
 protected:
  void begin(std::size_t loops = 1);
  void TearDown() override;

  // Requests as bytes. `headers`: whole lines.
  static std::string http(std::string_view method, std::string_view headers,
                          std::string_view body = {});
  static std::string post(std::string_view body, std::string_view headers = {}) {
    return http("POST", std::string(kBothTypes) + std::string(headers), body);
  }
  net::Answer ask(std::string_view request);  // on a connection of its own

  // Legacy.
  std::string open_session(std::string_view revision = "2025-11-25", std::string_view headers = {},
                           std::string_view capabilities = "{}");
  static std::string session_line(std::string_view id) {
    return "Mcp-Session-Id: " + std::string(id) + "\r\n";
  }
  static std::string legacy_call(std::string_view tool, int id = 7,
                                 std::string_view more_params = {});
  // Modern.
  static std::string modern_headers(std::string_view method, std::string_view name = {});
  static std::string modern_body(std::string_view method, std::string_view more_params = {},
                                 std::string_view capabilities = "{}", std::string_view id = "7");
  static std::string modern_call(std::string_view tool, std::string_view more_params = {},
                                 std::string_view capabilities = "{}");

  HttpOptions options;
  net::ServerOptions server_options;
  TestApplication application;
  std::unique_ptr<HttpEndpoint> endpoint;  // outlives the server
  std::unique_ptr<net::LiveServer> live;
};

// What stands in the data lines of a stream, one event after the other.
std::string next_event(net::Client& client, std::string* id = nullptr);

}  // namespace rogerthat::mcp
