#include "world.h"

#include <algorithm>
#include <cstdio>

namespace rogerthat::sim {

namespace {
constexpr Millis kFirstWallTime = 1'750'000'000'000;
}

World::World(std::uint64_t seed, bool verbose)
    : random_(seed), verbose_(verbose), wall_offset_(kFirstWallTime) {}

void World::step_wall_clock(Millis by) {
  wall_offset_ += by;
  trace("clock steps by {} ms", by);
}

void World::plan(Planned planned) {
  planned.number = planned_++;
  queue_.push_back(std::move(planned));
  std::ranges::push_heap(queue_, later);
}

void World::after(Millis delay, Action action) {
  plan({time_ + delay, 0, std::nullopt, std::move(action)});
}

void World::after(Millis delay, std::weak_ptr<const void> owner, Action action) {
  plan({time_ + delay, 0, std::move(owner), std::move(action)});
}

void World::run_until(Millis time) {
  while (!violation_ && !queue_.empty() && queue_.front().time <= time) {
    std::ranges::pop_heap(queue_, later);
    Planned next = std::move(queue_.back());
    queue_.pop_back();
    time_ = next.time;
    if (next.owner) {
      const auto owner = next.owner->lock();
      if (!owner) continue;
      ++steps_;
      next.action();
    } else {
      ++steps_;
      next.action();
    }
  }
  if (!violation_) time_ = std::max(time_, time);
}

Millis World::between(Millis low, Millis high) {
  return low + static_cast<Millis>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
}

bool World::chance(double probability) {
  return static_cast<double>(random_.next() >> 11) * 0x1.0p-53 < probability;
}

void World::record_line() {
  const auto mix = [this](unsigned char byte) {
    trace_hash_ = (trace_hash_ ^ byte) * 0x100000001b3;
  };
  for (int i = 0; i < 8; ++i) mix(static_cast<unsigned char>(time_ >> (8 * i)));
  for (const char c : line_) mix(static_cast<unsigned char>(c));
  if (verbose_) fmt::print("{:>8} {}\n", time_, line_);
}

void World::violate(std::string_view promise, std::string detail) {
  if (violation_) return;
  trace("BROKEN {}: {}", promise, detail);
  violation_ = Violation{std::string(promise), std::move(detail), time_};
}

}  // namespace rogerthat::sim
