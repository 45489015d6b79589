// The command line of the simulation: which seeds to run, and what to say of them.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "plants.h"
#include "run.h"

namespace {

using namespace rogerthat;
using namespace rogerthat::sim;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kUsage =
    "usage: simulation [--seconds N] [--runs N] [--seed N] [--verbose] [--trace-hash]\n"
    "                  [--plant NAME] [--list-plants] [--check-plants]\n";
constexpr double kPlantSeconds = 20;

struct Options {
  double seconds = 60;
  std::uint64_t runs = 0;  // 0: as many as the time allows
  std::optional<std::uint64_t> seed;
  bool verbose = false;
  bool trace_hash = false;
  bool check_plants = false;
  bool list_plants = false;
  Plant plant = Plant::none;
  std::string plant_name;
};

template <class Number>
bool parse(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--verbose") {
      options.verbose = true;
    } else if (flag == "--trace-hash") {
      options.trace_hash = true;
    } else if (flag == "--check-plants") {
      options.check_plants = true;
    } else if (flag == "--list-plants") {
      options.list_plants = true;
    } else if (flag == "--seconds" && parse(value, options.seconds)) {
      ++i;
    } else if (flag == "--runs" && parse(value, options.runs)) {
      ++i;
    } else if (flag == "--seed" && parse(value, options.seed.emplace())) {
      ++i;
    } else if (flag == "--plant" && find_plant(value)) {
      options.plant = *find_plant(value);
      options.plant_name = value;
      ++i;
    } else {
      fmt::print(stderr, "{} is no option, or its value is missing or wrong\n{}", flag, kUsage);
      return std::nullopt;
    }
  }
  return options;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The seed comes first of all, and with it how to see the same again.
void report(std::uint64_t seed, const std::string& plant, const Violation& violation) {
  const std::string with = plant.empty() ? "" : " --plant " + plant;
  fmt::print("seed {}\nrepeat with: simulation --seed {}{} --verbose\n", seed, seed, with);
  fmt::print("broken after {} ms: {}\n  {}\n", violation.time, violation.promise, violation.detail);
}

int run_one(const Options& options) {
  const RunResult result = Run(*options.seed, options.plant, options.verbose).go();
  if (result.violation) report(*options.seed, options.plant_name, *result.violation);
  if (options.trace_hash) fmt::print("trace {:016x}\n", result.trace_hash);
  const int failed = result.violation ? 1 : 0;
  fmt::print("{} passed, {} failed\n", 1 - failed, failed);
  return failed;
}

int run_many(const Options& options) {
  const Clock::time_point begin = Clock::now();
  std::uint64_t seed = std::random_device{}();
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  std::uint64_t posts = 0;
  std::uint64_t lives = 0;
  const auto more = [&] {
    if (options.runs > 0) return passed + failed < options.runs;
    return seconds_since(begin) < options.seconds;
  };
  for (; failed == 0 && more(); ++seed) {
    const RunResult result = Run(seed, options.plant, false).go();
    if (result.violation) report(seed, options.plant_name, *result.violation);
    ++(result.violation ? failed : passed);
    steps += result.steps;
    posts += result.posts;
    lives += result.lives;
  }
  fmt::print("{} steps, {} messages, {} starts of the hub in {:.1f} s\n", steps, posts, lives,
             seconds_since(begin));
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

// Every planted bug must be found, soon, and once more in the same way when its seed is repeated.
bool check_plant(const PlantRow& row) {
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t seed = 1; seconds_since(begin) < kPlantSeconds; ++seed) {
    const RunResult found = Run(seed, row.plant, false).go();
    if (!found.violation) continue;
    const RunResult again = Run(seed, row.plant, false).go();
    if (again.trace_hash != found.trace_hash) {
      fmt::print("seed {} with {} takes another way when it is repeated\n", seed, row.name);
      return false;
    }
    fmt::print("found  {:22} seed {:3} {:5.1f} s  {}\n", row.name, seed, seconds_since(begin),
               found.violation->promise);
    return true;
  }
  fmt::print("missed {:22}\n", row.name);
  return false;
}

int check_plants() {
  int found = 0;
  for (const PlantRow& row : plants()) found += check_plant(row) ? 1 : 0;
  const int missed = static_cast<int>(plants().size()) - found;
  fmt::print("{} passed, {} failed\n", found, missed);
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) return 2;
  if (options->list_plants) {
    for (const PlantRow& row : plants()) fmt::print("{:22} {}\n", row.name, row.what);
    return 0;
  }
  if (options->check_plants) return check_plants();
  return options->seed ? run_one(*options) : run_many(*options);
}
