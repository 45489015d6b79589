// The simulated world: one clock, one queue of what happens next, one source of chance. Everything
// in a run follows from its seed, so a run can be repeated exactly. Time, schedule, chance, the
// trace and the first broken promise. Nothing of the hub.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "base/time.h"

namespace rogerthat::sim {

struct Violation {
  std::string promise;  // which sentence of the contract
  std::string detail;
  Millis time = 0;
};

class World {
 public:
  using Action = std::move_only_function<void()>;

  World(std::uint64_t seed, bool verbose);

  // --- Time. The steady clock starts anew with the machine, the wall clock may step.
  Millis time() const { return time_; }  // of the simulation; never steps
  Now now() const { return {time_ + wall_offset_, time_ - boot_time_}; }
  void step_wall_clock(Millis by);
  void restart_machine() { boot_time_ = time_ - 1000; }

  // --- Schedule. What is planned for the same moment happens in the order of planning.
  void after(Millis delay, Action action);
  // Does not happen once the owner is gone.
  void after(Millis delay, std::weak_ptr<const void> owner, Action action);
  void run_until(Millis time);  // or until a promise is broken

  // --- Chance.
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  Millis between(Millis low, Millis high);  // both included
  bool chance(double probability);
  Random& random() { return random_; }

  // --- Trace and verdict.
  template <class... Args>
  void trace(fmt::format_string<Args...> format, Args&&... args) {
    line_.clear();
    fmt::format_to(std::back_inserter(line_), format, std::forward<Args>(args)...);
    record_line();
  }
  std::uint64_t trace_hash() const { return trace_hash_; }
  std::uint64_t steps() const { return steps_; }
  void violate(std::string_view promise, std::string detail);  // only the first one counts
  const std::optional<Violation>& violation() const { return violation_; }

 private:
  struct Planned {
    Millis time = 0;
    std::uint64_t number = 0;
    std::optional<std::weak_ptr<const void>> owner;
    Action action;
  };
  static bool later(const Planned& a, const Planned& b) {
    return a.time != b.time ? a.time > b.time : a.number > b.number;
  }
  void plan(Planned planned);
  void record_line();

  SeededRandom random_;
  bool verbose_;
  Millis time_ = 0;
  Millis boot_time_ = -1000;
  Millis wall_offset_;
  std::vector<Planned> queue_;  // a heap
  std::uint64_t steps_ = 0;
  std::uint64_t planned_ = 0;
  std::uint64_t trace_hash_ = 0xcbf29ce484222325;
  std::string line_;
  std::optional<Violation> violation_;
};

}  // namespace rogerthat::sim
