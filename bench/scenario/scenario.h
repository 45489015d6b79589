// The scenarios of the benchmark. Lives here: their table and what they share in reporting; each
// scenario is a file of its own and writes its figures as fields of one JSON object.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/json.h"
#include "support/histogram.h"
#include "support/options.h"
#include "support/process.h"

namespace rogerthat::bench {

class Loop;
class Sender;

struct Scenario {
  std::string_view name;
  void (*run)(const Options& options, JsonWriter& out);
  std::string_view meaning;
};

std::span<const Scenario> scenarios();

void run_send(const Options& options, JsonWriter& out);
void run_send_durable(const Options& options, JsonWriter& out);
void run_ping_pong(const Options& options, JsonWriter& out);
void run_fan_out(const Options& options, JsonWriter& out);
void run_parked(const Options& options, JsonWriter& out);
void run_footprint(const Options& options, JsonWriter& out);
void run_start(const Options& options, JsonWriter& out);
void run_recovery(const Options& options, JsonWriter& out);
void run_identity_joins(const Options& options, JsonWriter& out);
void run_identity_footprint(const Options& options, JsonWriter& out);
void run_mcp_send_legacy(const Options& options, JsonWriter& out);
void run_mcp_send_modern(const Options& options, JsonWriter& out);
void run_mcp_parked(const Options& options, JsonWriter& out);
void run_webhooks(const Options& options, JsonWriter& out);
void run_webhooks_durable(const Options& options, JsonWriter& out);
void run_mcp_progress(const Options& options, JsonWriter& out);

// Runs the sender at what it can for the time that the options say, and writes rate, latency, cost.
void measure_sends(const Options& options, Loop& loop, Sender& sender, JsonWriter& out);

// <prefix>_p50_ms, _p99_ms, _p999_ms, _max_ms
void write_latency(JsonWriter& out, std::string_view prefix, const Histogram& latency);

// What the server used per unit of work, and how busy others kept its core and ours: a run beside
// foreign load says so itself.
void write_cost(JsonWriter& out, const CpuTime& from, const CpuTime& to, std::uint64_t units);

// Returns when the server has used no CPU time for a third of a second.
void wait_until_quiet(const Options& options);

inline Nanos seconds_ns(double seconds) {
  return static_cast<Nanos>(seconds * double(kNanosPerSecond));
}

inline int or_default(int chosen, int fallback) {
  return chosen > 0 ? chosen : fallback;
}

}  // namespace rogerthat::bench
