// MCP messages as server-sent events. Framing and the ids of events. An id says where
// its stream lives, so that a client that comes back is led there; it is no secret and proves
// nothing: the session does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/exchange.h"

namespace rogerthat::mcp {

struct EventId {
  bool of_session = false;  // of the session's own stream; then only the number counts
  std::uint32_t shard = 0;
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
};
std::string to_text(const EventId& id);
std::optional<EventId> parse_event_id(std::string_view text);

net::SharedBytes event_bytes(std::string_view message, std::string_view id = {});
// An event without a message: from now on the client can come back for what follows it.
net::SharedBytes priming_bytes(std::string_view id);
const net::SharedBytes& comment_bytes();

}  // namespace rogerthat::mcp
