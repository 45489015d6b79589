// Sends by tools/call, each connection waiting for its answer: the same work as `send`, asked by
// the Model Context Protocol in either generation.
#include "scenario/scenario.h"
#include "support/mcp.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

void run(const Options& options, JsonWriter& out, std::string_view generation) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  const McpClients clients(options.port, generation);
  const auto channel_count =
      static_cast<std::size_t>(or_default(options.channels, options.connections));
  const std::vector<Channel> channels = peer->create_channels(loop, channel_count, false);
  std::vector<SendRequest> requests;
  std::vector<std::string> trial;
  for (const McpSeat& seat : clients.join(loop, channels, 1)) {
    requests.push_back(clients.send_request(seat, static_cast<std::size_t>(options.text_bytes)));
    trial.push_back(requests.back().bytes);
  }
  check_calls(loop, trial);

  Sender sender(loop, std::move(requests), static_cast<std::size_t>(options.connections),
                options.rate);
  measure_sends(options, loop, sender, out);
}

}  // namespace

void run_mcp_send_legacy(const Options& options, JsonWriter& out) {
  run(options, out, "legacy");
}
void run_mcp_send_modern(const Options& options, JsonWriter& out) {
  run(options, out, "modern");
}

}  // namespace rogerthat::bench
