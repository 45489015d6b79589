// From exec to the first answer of /healthz, and what the server takes up then.
#include <algorithm>
#include <vector>

#include "scenario/scenario.h"
#include "support/loop.h"
#include "support/probe.h"

namespace rogerthat::bench {
namespace {

constexpr int kRuns = 20;

}  // namespace

void run_start(const Options& options, JsonWriter& out) {
  if (options.command.empty()) throw Failure("start needs the server's command after --");
  Histogram took;
  std::int64_t resident_max = 0;
  double first_ms = 0;
  const int runs = or_default(options.runs, kRuns);
  int refused_to_stop = 0;
  for (int run = 0; run < runs; run++) {
    Child server(options.command, options.server_core);
    const Wait wait = wait_for_ok(options.port, "/healthz", 10 * kNanosPerSecond,
                                  [&] { return !server.ended(); });
    resident_max = std::max(resident_max, read_memory_use(server.pid()).resident_bytes);
    if (run == 0) first_ms = double(wait.took) / double(kNanosPerMilli);
    took.record(wait.took);
    if (!server.stop(10 * kNanosPerSecond)) refused_to_stop++;
  }
  out.field("runs", runs);
  out.field("first_ms", first_ms);  // on an empty data directory
  write_latency(out, "start", took);
  out.field("resident_bytes", resident_max);
  out.field("refused_to_stop", refused_to_stop);
}

}  // namespace rogerthat::bench
