// Memory of requests that wait: fifteen thousand polls or idle streams. The server's user memory is
// counted for itself; what sockets take in the kernel is told apart.
#include "scenario/scenario.h"
#include "support/peer.h"
#include "support/readers.h"

namespace rogerthat::bench {
namespace {

constexpr int kParked = 15'000;
constexpr int kReadersPerChannel = 100;

}  // namespace

void run_parked(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  const auto wanted = static_cast<std::size_t>(or_default(options.count, kParked));
  const std::size_t channel_count = wanted / kReadersPerChannel;

  wait_until_quiet(options);
  const MemoryUse empty = read_memory_use(options.server_pid);
  std::vector<Channel> channels = peer->create_channels(loop, channel_count, false);
  peer->join_readers(loop, channels, kReadersPerChannel);
  wait_until_quiet(options);
  const MemoryUse joined = read_memory_use(options.server_pid);

  const auto seats = seats_of(channels, 0, kReadersPerChannel);
  PollReaders polls(loop, *peer, channels, [](Nanos, Nanos) {});
  StreamReaders streams(loop, *peer, channels, [](Nanos, Nanos) {});
  if (options.kind == "stream") {
    streams.open(seats);
  } else if (options.kind == "poll") {
    polls.park(seats);
  } else {
    throw Failure("--kind is poll or stream");
  }
  loop.run_until(now_ns() + kNanosPerSecond / 4);
  wait_until_quiet(options);
  const MemoryUse parked = read_memory_use(options.server_pid);

  const double count = static_cast<double>(seats.size());
  out.field("kind", options.kind);
  out.field("parked", static_cast<std::uint64_t>(seats.size()));
  out.field("user_bytes_each", double(parked.private_bytes - joined.private_bytes) / count);
  out.field("resident_bytes_each", double(parked.resident_bytes - joined.resident_bytes) / count);
  out.field("with_session_bytes_each", double(parked.private_bytes - empty.private_bytes) / count);
  out.field("kernel_bytes_each_both_ends",
            double(parked.kernel_bytes - joined.kernel_bytes) / count);
}

}  // namespace rogerthat::bench
