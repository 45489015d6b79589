// One message to ten thousand streams on one channel, again and again: how long until the last one
// has it, and how many messages times receivers that makes a second.
#include "scenario/scenario.h"
#include "support/peer.h"
#include "support/readers.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

constexpr int kStreams = 10'000;
constexpr std::uint64_t kWarmupRounds = 3;

}  // namespace

void run_fan_out(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  const auto stream_count = static_cast<std::size_t>(or_default(options.count, kStreams));
  std::vector<Channel> channels = peer->create_channels(loop, 1, false);
  peer->join_senders(loop, channels);
  peer->join_readers(loop, channels, stream_count);

  std::uint64_t received = 0;
  StreamReaders streams(loop, *peer, channels, [&](Nanos, Nanos) { received++; });
  streams.open(seats_of(channels, 0, stream_count));
  wait_until_quiet(options);
  loop.run_until(now_ns() + kNanosPerSecond / 2);

  const std::string request = [&] {
    return peer->send_request(channels[0], static_cast<std::size_t>(options.text_bytes)).bytes;
  }();
  // Shares the channel's only sender connection over all rounds.
  struct Once : ConnectionHandler {
    void on_response(Connection&, const Response& response) override {
      if (response.status / 100 != 2) throw Failure("a send was refused: " + body_text(response));
    }
  } answered;
  Connection& sender = loop.open(answered);
  Histogram until_last;
  std::uint64_t rounds = 0;
  std::uint64_t sent = 0;
  CpuTime from;
  const Nanos patience = 20 * kNanosPerSecond;
  Nanos measured_from = 0;
  while (measured_from == 0 || now_ns() < measured_from + seconds_ns(options.seconds)) {
    if (sent == kWarmupRounds) {
      from = read_cpu_time(options.server_pid, options.server_core);
      measured_from = now_ns();
    }
    const Nanos begin = now_ns();
    loop.send(sender, request);
    sent++;
    loop.run_until_done([&] { return received >= sent * stream_count; }, patience,
                        "a message to reach every stream");
    if (measured_from == 0) continue;
    until_last.record(now_ns() - begin);
    rounds++;
  }
  const CpuTime to = read_cpu_time(options.server_pid, options.server_core);
  if (received != sent * stream_count) throw Failure("a stream got a message twice");
  const std::uint64_t deliveries = rounds * stream_count;
  out.field("per_second", double(deliveries) / (double(to.at - from.at) / kNanosPerSecond));
  out.field("rounds", rounds);
  write_latency(out, "until_last", until_last);
  write_cost(out, from, to, deliveries);
}

}  // namespace rogerthat::bench
