// Memory of channels: ten thousand that nobody has used, and a thousand with a hundred short
// messages each.
#include "scenario/scenario.h"
#include "support/peer.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

constexpr int kEmptyChannels = 10'000;
constexpr std::size_t kFilledChannels = 1'000;
constexpr std::size_t kMessagesEach = 100;
constexpr std::size_t kShortText = 40;
constexpr std::size_t kWarmChannels = 200;

std::int64_t settled_private_bytes(const Options& options) {
  wait_until_quiet(options);
  return read_memory_use(options.server_pid).private_bytes;
}

}  // namespace

void run_footprint(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  // Buffers and caches that the first requests bring about belong to no channel.
  peer->create_channels(loop, kWarmChannels, false);

  const auto empty_count = static_cast<std::size_t>(or_default(options.channels, kEmptyChannels));
  const std::int64_t before = settled_private_bytes(options);
  if (options.peer != "nchan") {  // there a channel that nobody has used does not exist
    peer->create_channels(loop, empty_count, false);
    const std::int64_t with_empty = settled_private_bytes(options);
    out.field("empty_channel_bytes", double(with_empty - before) / double(empty_count));
  }

  const std::int64_t before_filled = settled_private_bytes(options);
  std::vector<Channel> channels = peer->create_channels(loop, kFilledChannels, false);
  peer->join_senders(loop, channels);
  auto requests = send_requests(*peer, channels, kShortText);
  Sender sender(loop, std::move(requests), static_cast<std::size_t>(options.connections), 0);
  sender.limit(kFilledChannels * kMessagesEach);
  sender.start();
  sender.run_until(now_ns() + 60 * kNanosPerSecond);
  if (!sender.idle() || sender.answered() != kFilledChannels * kMessagesEach) {
    throw Failure("the channels were not filled within a minute");
  }
  const std::int64_t filled = settled_private_bytes(options);
  out.field("filled_channel_bytes", double(filled - before_filled) / double(kFilledChannels));
}

}  // namespace rogerthat::bench
