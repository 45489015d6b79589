// The load generator: runs one scenario against one server on loopback and prints its figures as
// one JSON object. script/bench starts the servers and compares them.
#include <exception>
#include <string>

#include <fmt/core.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "scenario/scenario.h"
#include "support/loop.h"

namespace {

using namespace rogerthat::bench;

const Scenario& find_scenario(const std::string& name) {
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name == name) return scenario;
  }
  throw Failure(fmt::format("no scenario is called '{}'", name));
}

void print_help() {
  fmt::print("{}\nscenarios:\n", usage());
  for (const Scenario& scenario : scenarios()) {
    fmt::print("  {:14} {}\n", scenario.name, scenario.meaning);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::string(argv[1]) == "--help") {
    print_help();
    return argc < 2 ? 2 : 0;
  }
  try {
    const Options options = parse_options(argc, argv);
    const Scenario& scenario = find_scenario(options.scenario);
    raise_file_limit();
    prctl(PR_SET_TIMERSLACK, 1);  // a fixed rate needs timers that are not rounded up
    std::string text;
    rogerthat::JsonWriter out(text);
    out.begin_object();
    out.field("scenario", scenario.name).field("peer", options.peer);
    scenario.run(options, out);
    out.end_object();
    fmt::print("{}\n", text);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "bench_load: {}\n", failure.what());
    return 1;
  }
  return 0;
}
