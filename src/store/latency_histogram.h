// How long commits took. Counts in buckets whose bounds are powers of two.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace rogerthat::store {

class LatencyHistogram {
 public:
  void add(std::uint64_t micros) {
    sum_ += micros;
    // A bucket holds what is at most its bound, and more than half of it.
    const int bits = micros <= 1 ? 0 : std::bit_width(micros - 1);
    ++counts_[std::min<std::size_t>(static_cast<std::size_t>(bits), counts_.size() - 1)];
  }

  std::uint64_t sum() const { return sum_; }

  // Upper bounds in microseconds and counts, not cumulative.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> buckets() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
    all.reserve(counts_.size());
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      all.emplace_back(std::uint64_t{1} << i, counts_[i]);
    }
    return all;
  }

 private:
  std::array<std::uint64_t, 26> counts_{};  // the last one: half a minute and more
  std::uint64_t sum_ = 0;
};

}  // namespace rogerthat::store
