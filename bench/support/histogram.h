// A histogram of latencies with a relative error below 1 %, whatever their size: each power of two
// is cut into 128 equal buckets. Lives here: recording, quantiles. No units, no output.
#pragma once

#include <array>
#include <cstdint>

namespace rogerthat::bench {

class Histogram {
 public:
  void record(std::int64_t value);  // below zero counts as zero, above 2^42 as 2^42
  void reset();

  std::uint64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  double mean() const;
  // The smallest recorded value (rounded up to its bucket) that `share` of all values do not
  // exceed; 0 when nothing was recorded.
  std::int64_t quantile(double share) const;

 private:
  static constexpr int kFineBits = 7;
  static constexpr int kValueBits = 42;
  static constexpr std::size_t kBuckets = (kValueBits - kFineBits + 2) << kFineBits;

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace rogerthat::bench
