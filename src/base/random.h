// Random bytes come in as an argument, so that the simulator can repeat a run.
// The interface and its two sources, the operating system's and a seeded one.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace rogerthat {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound);  // uniform enough for picking names; bound > 0
  std::string token(std::size_t bytes);      // base64url without padding
};

// The operating system's generator, buffered: one system call per 4 KiB. One per thread.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint8_t pool_[4096];
  std::size_t left_ = 0;
};

// xoshiro256**: repeatable, for tests and simulation. Never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t step();
  std::uint64_t state_[4];
};

}  // namespace rogerthat
