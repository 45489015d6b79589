#include "scenario/scenario.h"

#include <algorithm>
#include <string>

#include <unistd.h>

#include "support/loop.h"

namespace rogerthat::bench {
namespace {

constexpr Scenario kScenarios[] = {
    {"send", run_send, "sends to channels in memory, as many as the server answers"},
    {"send-durable", run_send_durable, "the same to durable channels"},
    {"ping-pong", run_ping_pong, "time from a send until a parked poll and a stream have it"},
    {"fan-out", run_fan_out, "one message to ten thousand streams"},
    {"parked", run_parked, "memory of parked polls or idle streams"},
    {"footprint", run_footprint, "memory of channels, empty and with messages"},
    {"start", run_start, "time from exec to the first answer, and memory then"},
    {"recovery", run_recovery, "time to be ready again after kill -9 with a full journal"},
    {"webhooks", run_webhooks, "sends with and without webhooks, deliveries to a receiver"},
    {"webhooks-durable", run_webhooks_durable, "the same for durable channels"},
    {"identity-joins", run_identity_joins, "joins with an identity key, each on another channel"},
    {"identity-footprint", run_identity_footprint,
     "memory of identities and channels, before and after a restart"},
    {"mcp-send-legacy", run_mcp_send_legacy, "sends by MCP's tools/call, in a session"},
    {"mcp-send-modern", run_mcp_send_modern, "the same by the stateless revision"},
    {"mcp-parked", run_mcp_parked, "memory of MCP calls that wait (--kind legacy, modern)"},
    {"mcp-progress", run_mcp_progress, "CPU time for telling waiting calls their progress"},
};

double milliseconds(std::int64_t nanos) {
  return double(nanos) / double(kNanosPerMilli);
}

}  // namespace

std::span<const Scenario> scenarios() {
  return kScenarios;
}

void write_latency(JsonWriter& out, std::string_view prefix, const Histogram& latency) {
  const auto field = [&](std::string_view name, std::int64_t nanos) {
    out.field(std::string(prefix) + "_" + std::string(name) + "_ms", milliseconds(nanos));
  };
  field("p50", latency.quantile(0.50));
  field("p99", latency.quantile(0.99));
  field("p999", latency.quantile(0.999));
  field("max", latency.max());
}

void write_cost(JsonWriter& out, const CpuTime& from, const CpuTime& to, std::uint64_t units) {
  const double user = to.user_seconds - from.user_seconds;
  const double system = to.system_seconds - from.system_seconds;
  const double elapsed = std::max(1e-9, double(to.at - from.at) / double(kNanosPerSecond));
  const double each = 1e6 / static_cast<double>(std::max<std::uint64_t>(1, units));
  out.field("server_user_us", user * each);
  out.field("server_system_us", system * each);
  out.field("server_cpu_share", (user + system) / elapsed);
  const double busy = to.core_busy_seconds - from.core_busy_seconds;
  out.field("foreign_cpu_share", std::max(0.0, (busy - user - system) / elapsed));
  const double own = to.own_seconds - from.own_seconds;
  const double own_busy = to.own_core_busy_seconds - from.own_core_busy_seconds;
  out.field("generator_cpu_share", own / elapsed);
  out.field("generator_foreign_cpu_share", std::max(0.0, (own_busy - own) / elapsed));
}

void wait_until_quiet(const Options& options) {
  const Nanos deadline = now_ns() + 20 * kNanosPerSecond;
  double before = -1;
  while (now_ns() < deadline) {
    const CpuTime now = read_cpu_time(options.server_pid, -1);
    const double used = now.user_seconds + now.system_seconds;
    if (used == before) return;
    before = used;
    usleep(333'000);
  }
}

}  // namespace rogerthat::bench
