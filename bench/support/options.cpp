#include "support/options.h"

#include <string_view>
#include <variant>

#include <fmt/core.h>
#include <stdlib.h>

#include "support/loop.h"

namespace rogerthat::bench {
namespace {

using Place = std::variant<std::string Options::*, int Options::*, double Options::*>;

struct Flag {
  std::string_view name;
  Place place;
  std::string_view meaning;
};

const Flag kFlags[] = {
    {"--peer", &Options::peer, "which server this is: rogerthat, nchan, echo"},
    {"--port", &Options::port, "where it listens on 127.0.0.1"},
    {"--server-pid", &Options::server_pid, "its process, for CPU time and memory"},
    {"--server-core", &Options::server_core, "the core it is pinned to; -1: none"},
    {"--seconds", &Options::seconds, "how long to measure"},
    {"--warmup", &Options::warmup_seconds, "seconds before that"},
    {"--rate", &Options::rate, "sends per second; 0: as fast as answers come"},
    {"--connections", &Options::connections, "of senders"},
    {"--channels", &Options::channels, "0: as the scenario defines"},
    {"--count", &Options::count, "readers, parked requests or messages; 0: as defined"},
    {"--text-bytes", &Options::text_bytes, "length of each message's text"},
    {"--runs", &Options::runs, "repetitions inside the scenario; 0: as defined"},
    {"--kind", &Options::kind, "what is parked: poll or stream; for mcp: legacy or modern"},
};

template <class T>
void assign(T& place, std::string_view flag, const std::string& text) {
  if constexpr (std::is_same_v<T, std::string>) {
    place = text;
  } else {
    char* end = nullptr;
    const double number = strtod(text.c_str(), &end);
    if (text.empty() || *end != 0) throw Failure(fmt::format("{} needs a number", flag));
    place = static_cast<T>(number);
  }
}

const Flag& find_flag(std::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name) return flag;
  }
  throw Failure(fmt::format("there is no flag {}", name));
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    if (word == "--") {
      options.command.assign(argv + i + 1, argv + argc);
      break;
    }
    if (!word.starts_with("--")) {
      options.scenario = word;
      continue;
    }
    const Flag& flag = find_flag(word);
    if (i + 1 == argc) throw Failure(fmt::format("{} needs a value", word));
    const std::string value = argv[++i];
    std::visit([&](auto place) { assign(options.*place, flag.name, value); }, flag.place);
  }
  if (options.port == 0) throw Failure("--port is missing");
  return options;
}

std::string usage() {
  std::string text = "usage: bench_load <scenario> --port N [flags] [-- server command]\n";
  for (const Flag& flag : kFlags) text += fmt::format("  {:14} {}\n", flag.name, flag.meaning);
  return text;
}

}  // namespace rogerthat::bench
