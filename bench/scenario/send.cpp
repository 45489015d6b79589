// Sends to channels, each connection waiting for its answer: how many a second, how long each
// takes, what they cost the server.
#include "scenario/scenario.h"
#include "support/peer.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

void run(const Options& options, JsonWriter& out, bool durable) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  const auto channel_count =
      static_cast<std::size_t>(or_default(options.channels, options.connections));
  std::vector<Channel> channels = peer->create_channels(loop, channel_count, durable);
  peer->join_senders(loop, channels);
  auto requests = send_requests(*peer, channels, static_cast<std::size_t>(options.text_bytes));

  Sender sender(loop, std::move(requests), static_cast<std::size_t>(options.connections),
                options.rate);
  measure_sends(options, loop, sender, out);
}

}  // namespace

void measure_sends(const Options& options, Loop& loop, Sender& sender, JsonWriter& out) {
  sender.start();
  sender.run_until(now_ns() + seconds_ns(options.warmup_seconds));
  sender.begin_measuring();
  const CpuTime from = read_cpu_time(options.server_pid, options.server_core);
  sender.run_until(now_ns() + seconds_ns(options.seconds));
  const std::uint64_t answered = sender.answered();
  const CpuTime to = read_cpu_time(options.server_pid, options.server_core);
  sender.stop();
  loop.run_until_done([&] { return sender.idle(); }, 10 * kNanosPerSecond, "the last answers");

  const double elapsed = double(to.at - from.at) / double(kNanosPerSecond);
  out.field("per_second", double(answered) / elapsed);
  write_latency(out, "latency", sender.latency());
  write_cost(out, from, to, answered);
}

void run_send(const Options& options, JsonWriter& out) {
  run(options, out, false);
}
void run_send_durable(const Options& options, JsonWriter& out) {
  run(options, out, true);
}

}  // namespace rogerthat::bench
