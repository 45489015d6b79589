// A million journalled messages in ten thousand channels, kill -9, start: how long until the server
// calls itself ready, whether it said so too early, and whether the messages are there.
#include <fmt/core.h>

#include "scenario/scenario.h"
#include "support/loop.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

constexpr int kChannels = 10'000;
constexpr int kMessages = 1'000'000;
constexpr std::size_t kChecked = 200;
constexpr std::size_t kConnections = 256;

double seconds(Nanos nanos) {
  return double(nanos) / double(kNanosPerSecond);
}

// History shows at most the last hundred of a channel, which is what each one holds.
std::uint64_t count_messages(Loop& loop, const std::vector<Channel>& channels) {
  std::vector<std::string> requests;
  const std::size_t step = std::max<std::size_t>(1, channels.size() / kChecked);
  for (std::size_t i = 0; i < channels.size(); i += step) {
    requests.push_back(
        fmt::format("GET /api/channels/{}/history?n=100 HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
                    "Authorization: Bearer {}\r\n\r\n",
                    channels[i].id, loop.port(), channels[i].token));
  }
  std::uint64_t found = 0;
  for (const std::string& answer : ask_all(loop, requests)) {
    std::string rest;
    each_stamp(rest, answer, [&](Nanos) { found++; });
  }
  return found;
}

}  // namespace

void run_recovery(const Options& options, JsonWriter& out) {
  if (options.command.empty()) throw Failure("recovery needs the server's command after --");
  const auto peer = make_peer(options.peer, options.port);
  const auto channel_count = static_cast<std::size_t>(or_default(options.channels, kChannels));
  const auto messages = static_cast<std::uint64_t>(or_default(options.count, kMessages));
  Loop loop(options.port);
  std::vector<Channel> channels;
  {
    Child server(options.command, options.server_core);
    const auto alive = [&] { return !server.ended(); };
    wait_for_ok(options.port, "/readyz", 10 * kNanosPerSecond, alive);
    channels = peer->create_channels(loop, channel_count, true);
    peer->join_senders(loop, channels);
    auto requests = send_requests(*peer, channels, static_cast<std::size_t>(options.text_bytes));
    Sender sender(loop, std::move(requests), kConnections, 0);
    sender.limit(messages);
    const Nanos begin = now_ns();
    sender.start();
    sender.run_until(begin + 300 * kNanosPerSecond);
    if (sender.answered() != messages) throw Failure("filling the journal took over 300 seconds");
    out.field("fill_seconds", seconds(now_ns() - begin));
    loop.close_all();
    server.kill_now();
  }
  Child server(options.command, options.server_core);
  const Wait wait =
      wait_for_ok(options.port, "/readyz", 120 * kNanosPerSecond, [&] { return !server.ended(); });
  out.field("messages", messages);
  out.field("ready_seconds", seconds(wait.took));
  out.field("red_meanwhile", wait.reachable_before);
  out.field("resident_bytes", read_memory_use(server.pid()).resident_bytes);
  const CpuTime cpu = read_cpu_time(server.pid(), -1);
  out.field("cpu_seconds", cpu.user_seconds + cpu.system_seconds);
  const std::size_t step = std::max<std::size_t>(1, channel_count / kChecked);
  const std::uint64_t expected = (channel_count + step - 1) / step * (messages / channel_count);
  const std::uint64_t found = count_messages(loop, channels);
  out.field("checked_messages", expected);
  out.field("missing_messages", static_cast<std::int64_t>(expected - found));
  server.stop(20 * kNanosPerSecond);
}

}  // namespace rogerthat::bench
