#include "mcp/http_answer.h"

#include <string>
#include <utility>

#include "net/response.h"

namespace rogerthat::mcp {

int status_of(Era era, ErrorCode code) {
  if (era == Era::legacy) return 200;
  switch (code) {
    case ErrorCode::method_not_found:
      return 404;
    case ErrorCode::parse_error:
    case ErrorCode::invalid_request:
    case ErrorCode::header_mismatch:
    case ErrorCode::missing_client_capability:
    case ErrorCode::unsupported_version:
      return 400;
    default:
      return 200;
  }
}

void answer_message(HttpShard& shard, net::Exchange& exchange, int status,
                    std::string_view message) {
  shard.count_answer(status);
  if (status == 200) return exchange.reply_json(message);
  net::Response response;
  response.status = status;
  response.body = message;
  exchange.reply(std::move(response));
}

void answer_error(HttpShard& shard, net::Exchange& exchange, int status, ErrorCode code,
                  std::string_view message, std::string_view id, std::string_view data_json) {
  std::string body;
  append_error(body, id, code, message, data_json);
  answer_message(shard, exchange, status, body);
}

void answer_empty(HttpShard& shard, net::Exchange& exchange, int status) {
  shard.count_answer(status);
  net::Response response;
  response.status = status;
  response.content_type = {};
  exchange.reply(std::move(response));
}

void answer_busy(HttpShard& shard, net::Exchange& exchange, std::string_view message,
                 std::string_view id) {
  shard.count_answer(503);
  net::Response response;
  response.status = 503;
  response.headers.emplace_back("Retry-After", "5");
  append_error(response.body, id, ErrorCode::server_error, message);
  exchange.reply(std::move(response));
}

}  // namespace rogerthat::mcp
