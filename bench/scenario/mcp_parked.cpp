// Calls of `wait` that wait: what each takes in memory, and what telling their progress costs.
#include "scenario/scenario.h"
#include "support/mcp.h"
#include "support/parked_calls.h"

namespace rogerthat::bench {
namespace {

constexpr int kParked = 5'000;
constexpr std::size_t kAgentsPerChannel = 50;
constexpr std::string_view kWait = R"("timeout_seconds":300)";
// The hub tells progress every 20 seconds; calls that all began together get a full period between
// the first and the last time that a measured one is told.
constexpr double kProgressSeconds = 20;

struct Party {
  std::vector<Channel> channels;
  std::vector<McpSeat> seats;
};

Party gather(const Options& options, Loop& loop, const McpClients& clients) {
  const auto peer = make_peer(options.peer, options.port);
  const auto wanted = static_cast<std::size_t>(or_default(options.count, kParked));
  Party party;
  party.channels = peer->create_channels(loop, wanted / kAgentsPerChannel, false);
  party.seats = clients.join(loop, party.channels, kAgentsPerChannel);
  return party;
}

}  // namespace

void run_mcp_parked(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  const McpClients clients(options.port, options.kind);
  wait_until_quiet(options);
  const MemoryUse empty = read_memory_use(options.server_pid);
  const Party party = gather(options, loop, clients);
  wait_until_quiet(options);
  const MemoryUse joined = read_memory_use(options.server_pid);

  ParkedCalls calls(loop);
  for (const McpSeat& seat : party.seats) calls.open(clients.call(seat, "wait", kWait));
  calls.wait_until_open();
  loop.run_until(now_ns() + kNanosPerSecond / 4);
  wait_until_quiet(options);
  const MemoryUse parked = read_memory_use(options.server_pid);

  const double count = static_cast<double>(party.seats.size());
  out.field("kind", options.kind);
  out.field("parked", static_cast<std::uint64_t>(party.seats.size()));
  out.field("user_bytes_each", double(parked.private_bytes - joined.private_bytes) / count);
  out.field("resident_bytes_each", double(parked.resident_bytes - joined.resident_bytes) / count);
  out.field("with_session_bytes_each", double(parked.private_bytes - empty.private_bytes) / count);
  out.field("kernel_bytes_each_both_ends",
            double(parked.kernel_bytes - joined.kernel_bytes) / count);
}

void run_mcp_progress(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  const McpClients clients(options.port, options.kind);
  const Party party = gather(options, loop, clients);

  ParkedCalls calls(loop);
  std::size_t token = 0;
  for (const McpSeat& seat : party.seats) calls.open(clients.call(seat, "wait", kWait, ++token));
  calls.wait_until_open();
  wait_until_quiet(options);

  const std::uint64_t told_before = calls.progress_told();
  const CpuTime from = read_cpu_time(options.server_pid, options.server_core);
  loop.run_until(now_ns() + seconds_ns(options.seconds));
  const CpuTime to = read_cpu_time(options.server_pid, options.server_core);
  const std::uint64_t told = calls.progress_told() - told_before;

  const double due = double(party.seats.size()) * (options.seconds / kProgressSeconds);
  out.field("kind", options.kind);
  out.field("parked", static_cast<std::uint64_t>(party.seats.size()));
  out.field("progress_told", told);
  out.field("progress_told_of_due", double(told) / due);
  write_cost(out, from, to, told);
}

}  // namespace rogerthat::bench
