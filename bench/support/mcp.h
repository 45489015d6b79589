// The hub asked by the Model Context Protocol, as clients of each generation do it. Lives here: the
// bytes of their requests, and joining. No sockets of its own, no timing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/loop.h"
#include "support/peer.h"

namespace rogerthat::bench {

// An agent that has joined: what its next requests carry.
struct McpSeat {
  std::string session_header;  // legacy: the transport's session, bound to the channel
  std::string handles;         // modern: `"channel_id":"…","session":"…",`
};

class McpClients {
 public:
  McpClients(int port, std::string_view generation);  // legacy or modern; else Failure

  // `each` agents on every channel, in order.
  std::vector<McpSeat> join(Loop& loop, const std::vector<Channel>& channels,
                            std::size_t each) const;
  // tools/call with these arguments (the inside of a JSON object). `progress_token`: none when 0.
  std::string call(const McpSeat& seat, std::string_view tool, std::string_view arguments,
                   std::size_t progress_token = 0) const;
  // A send to everybody whose text begins with a stamp.
  SendRequest send_request(const McpSeat& seat, std::size_t text_bytes) const;

 private:
  std::vector<McpSeat> open_sessions(Loop& loop, std::size_t count) const;
  std::string post(std::string_view headers, std::string_view body) const;

  int port_;
  bool modern_;
};

// Sends each request once and throws Failure unless its tool has succeeded: a tool that refuses
// answers 200, too.
void check_calls(Loop& loop, const std::vector<std::string>& requests);

}  // namespace rogerthat::bench
