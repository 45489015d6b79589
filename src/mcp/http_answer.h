// Short answers over HTTP. A JSON-RPC error with its status, and an empty answer.
#pragma once

#include <string_view>

#include "mcp/http_shard.h"
#include "mcp/json_rpc.h"
#include "mcp/protocol.h"
#include "net/exchange.h"

namespace rogerthat::mcp {

// From this revision on, clients understand an event without data.
inline constexpr std::string_view kPrimingSince = "2025-11-25";

void answer_error(HttpShard& shard, net::Exchange& exchange, int status, ErrorCode code,
                  std::string_view message, std::string_view id = kNoId,
                  std::string_view data_json = {});
void answer_empty(HttpShard& shard, net::Exchange& exchange, int status);
void answer_busy(HttpShard& shard, net::Exchange& exchange, std::string_view message,
                 std::string_view id = kNoId);  // 503
// With the status that this error has in this era.
int status_of(Era era, ErrorCode code);
void answer_message(HttpShard& shard, net::Exchange& exchange, int status,
                    std::string_view message);

}  // namespace rogerthat::mcp
