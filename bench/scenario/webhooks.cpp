// Webhooks: a hundred channels with one each. How long a send takes with and without them, at the
// same rate; how soon they arrive; and how many a second when all of them have a backlog.
#include <fmt/core.h>

#include "scenario/scenario.h"
#include "support/hook_receiver.h"
#include "support/peer.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

constexpr int kHooks = 100;
constexpr double kRate = 6'000;
constexpr std::uint64_t kBurst = 30'000;
constexpr Nanos kPatience = 60 * kNanosPerSecond;

void create_hooks(Loop& loop, const std::vector<Channel>& channels, int receiver_port) {
  std::vector<std::string> requests;
  const std::string body = fmt::format(R"({{"url":"http://127.0.0.1:{}/hook"}})", receiver_port);
  for (const Channel& channel : channels) {
    requests.push_back(
        fmt::format("POST /api/channels/{}/webhooks HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
                    "Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{}",
                    channel.id, loop.port(), channel.token, body.size(), body));
  }
  ask_all(loop, requests);
}

struct Measured {
  double seconds = 0;
  std::uint64_t received = 0;
  CpuTime from, to;
};

Measured measure(const Options& options, Loop& loop, Sender& sender, HookReceiver& receiver) {
  Measured out;
  sender.start();
  sender.run_until(now_ns() + seconds_ns(options.warmup_seconds));
  sender.begin_measuring();
  receiver.begin_measuring();
  const std::uint64_t before = receiver.received();
  out.from = read_cpu_time(options.server_pid, options.server_core);
  sender.run_until(now_ns() + seconds_ns(options.seconds));
  out.received = receiver.received() - before;
  out.to = read_cpu_time(options.server_pid, options.server_core);
  sender.stop();
  loop.run_until_done([&] { return sender.idle(); }, kPatience, "the last answers");
  out.seconds = double(out.to.at - out.from.at) / double(kNanosPerSecond);
  return out;
}

void run(const Options& options, JsonWriter& out, bool durable) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  const int count = or_default(options.channels, kHooks);
  auto channels = peer->create_channels(loop, static_cast<std::size_t>(count), durable);
  peer->join_senders(loop, channels);
  const auto requests =
      send_requests(*peer, channels, static_cast<std::size_t>(options.text_bytes));
  const auto connections = static_cast<std::size_t>(options.connections);
  const double rate = options.rate > 0 ? options.rate : kRate;
  HookReceiver receiver(loop);

  Sender plain(loop, requests, connections, rate);
  measure(options, loop, plain, receiver);
  write_latency(out, "plain", plain.latency());

  create_hooks(loop, channels, receiver.port());
  Sender hooked(loop, requests, connections, rate);
  const Measured measured = measure(options, loop, hooked, receiver);
  write_latency(out, "hooked", hooked.latency());
  out.field("p99_ratio",
            double(hooked.latency().quantile(0.99)) / double(plain.latency().quantile(0.99)));
  out.field("per_second", double(measured.received) / measured.seconds);
  write_latency(out, "delivery", receiver.latency());
  write_cost(out, measured.from, measured.to, measured.received);

  // What was measured, once all of it has come.
  const auto settle = [&] {
    std::uint64_t last = receiver.received();
    for (Nanos since = now_ns(); now_ns() - since < kNanosPerSecond;) {
      loop.run_until(now_ns() + kNanosPerMilli * 10);
      if (receiver.received() == last) continue;
      last = receiver.received();
      since = now_ns();
    }
    return last;
  };
  const std::uint64_t before = settle();
  Sender burst(loop, requests, connections, 0);
  burst.limit(kBurst);
  const Nanos begun = now_ns();
  burst.start();
  loop.run_until_done([&] { return receiver.received() - before >= kBurst; }, kPatience,
                      "the deliveries of a burst");
  out.field("burst_per_second",
            double(kBurst) * double(kNanosPerSecond) / double(now_ns() - begun));
}

}  // namespace

void run_webhooks(const Options& options, JsonWriter& out) {
  run(options, out, false);
}
void run_webhooks_durable(const Options& options, JsonWriter& out) {
  run(options, out, true);
}

}  // namespace rogerthat::bench
