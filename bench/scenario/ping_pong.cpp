// From a send until its addressees have it: one parked poll and one stream on each of 1,000
// channels, while 10,000 other polls are parked. Sends come at a fixed rate, and time counts from
// when each was meant to be sent until it has been read.
//
// This generator is one thread with thousands of connections, and has queues of its own. So the
// share of the server is told apart (`_served`): from when a send left until the kernel had the
// message for the reader. The rest is what sends left late and messages lay unread.
#include "scenario/scenario.h"
#include "support/peer.h"
#include "support/readers.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

constexpr int kActiveChannels = 1'000;
constexpr int kOtherPolls = 10'000;
constexpr int kOtherPollsPerChannel = 10;
constexpr double kRate = 10'000;
constexpr std::size_t kPoller = 0;
constexpr std::size_t kStreamer = 1;

// Stamps of sends that were meant to happen while we measured.
struct Arrivals {
  const Sender* sender = nullptr;
  Nanos from = INT64_MAX;
  Histogram delay;
  Histogram served;
  Histogram unread;

  void take(Nanos stamp, Nanos arrived) {
    if (stamp < from) return;
    const Nanos now = now_ns();
    delay.record(now - stamp);
    served.record(arrived - sender->left_at(stamp));
    unread.record(now - arrived);
  }
};

void write_arrivals(JsonWriter& out, const std::string& name, const Arrivals& arrivals,
                    std::uint64_t sent) {
  write_latency(out, name, arrivals.delay);
  write_latency(out, name + "_served", arrivals.served);
  write_latency(out, name + "_unread", arrivals.unread);
  out.field(name + "_received", arrivals.delay.count());
  out.field(name + "_missing", static_cast<std::int64_t>(sent - arrivals.delay.count()));
}

}  // namespace

void run_ping_pong(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  loop.note_arrivals();
  const auto peer = make_peer(options.peer, options.port);
  const auto active_count = static_cast<std::size_t>(or_default(options.channels, kActiveChannels));
  const auto other_count =
      static_cast<std::size_t>(or_default(options.count, kOtherPolls) / kOtherPollsPerChannel);

  std::vector<Channel> active = peer->create_channels(loop, active_count, false);
  peer->join_senders(loop, active);
  peer->join_readers(loop, active, 2);
  std::vector<Channel> others = peer->create_channels(loop, other_count, false);
  peer->join_readers(loop, others, kOtherPollsPerChannel);

  Arrivals by_poll;
  Arrivals by_stream;
  PollReaders parked(loop, *peer, others, [](Nanos, Nanos) {});
  PollReaders polls(loop, *peer, active,
                    [&](Nanos stamp, Nanos arrived) { by_poll.take(stamp, arrived); });
  StreamReaders streams(loop, *peer, active,
                        [&](Nanos stamp, Nanos arrived) { by_stream.take(stamp, arrived); });
  parked.park(seats_of(others, 0, kOtherPollsPerChannel));
  polls.park(seats_of(active, kPoller, kPoller + 1));
  streams.open(seats_of(active, kStreamer, kStreamer + 1));
  wait_until_quiet(options);

  auto requests = send_requests(*peer, active, static_cast<std::size_t>(options.text_bytes));
  Sender sender(loop, std::move(requests), static_cast<std::size_t>(options.connections),
                options.rate > 0 ? options.rate : kRate);
  by_poll.sender = by_stream.sender = &sender;
  sender.start();
  sender.run_until(now_ns() + seconds_ns(options.warmup_seconds));
  const CpuTime from = read_cpu_time(options.server_pid, options.server_core);
  sender.begin_measuring();
  by_poll.from = by_stream.from = sender.measured_from();
  sender.run_until(now_ns() + seconds_ns(options.seconds));
  sender.stop();
  const CpuTime to = read_cpu_time(options.server_pid, options.server_core);
  const std::uint64_t sent = sender.sent();
  loop.run_until(now_ns() + kNanosPerSecond / 2);  // what is still under way

  out.field("sends_per_second", double(sent) / (double(to.at - from.at) / kNanosPerSecond));
  write_latency(out, "answer", sender.latency());
  write_latency(out, "left_late", sender.lateness());
  write_arrivals(out, "poll", by_poll, sent);
  write_arrivals(out, "stream", by_stream, sent);
  write_cost(out, from, to, sent);
}

}  // namespace rogerthat::bench
