// The parts of HttpEndpoint: what arrives, and the ways it can go. Only what
// http_endpoint.cpp, legacy_http.cpp and modern_http.cpp share.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "mcp/http_endpoint.h"
#include "mcp/http_headers.h"
#include "mcp/http_shard.h"
#include "mcp/json_rpc.h"
#include "mcp/running_call.h"
#include "mcp/session_directory.h"

namespace rogerthat::mcp {

// One HTTP request on its way.
struct Incoming {
  HttpShard& shard;
  const net::Request& request;
  net::Exchange& exchange;
  Application& application;
  std::string_view realm;
  std::shared_ptr<Caller>& caller;
  const HttpHeaders& headers;

  void refuse(int status, ErrorCode code, std::string_view message,
              std::string_view id = kNoId) const;
};

struct HttpEndpoint::Impl {
  explicit Impl(HttpOptions given);

  void post(Incoming& in);
  void get(Incoming& in);
  void end_session(Incoming& in);  // DELETE

  // modern_http.cpp
  void modern(Incoming& in, const Message& message);
  // legacy_http.cpp
  void legacy(Incoming& in, const Message& message);
  void legacy_batch(Incoming& in, const JsonValue& array);
  void initialize(Incoming& in, const Message& message);
  // The session that the request names; null: answered with what is wrong.
  std::shared_ptr<Session> session_of(Incoming& in, std::string_view id);

  // True: the request is handled on another loop.
  bool moves_home(Incoming& in, const Request& request);
  bool move_to(Incoming& in, std::uint32_t shard);
  CallOrigin origin_of(Incoming& in, Era era, std::string_view revision);

  HttpOptions options;
  SessionDirectory sessions;
  std::vector<std::shared_ptr<HttpShard>> shards;
};

}  // namespace rogerthat::mcp
