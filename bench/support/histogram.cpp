#include "support/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rogerthat::bench {

void Histogram::record(std::int64_t value) {
  value = std::clamp<std::int64_t>(value, 0, std::int64_t{1} << kValueBits);
  // Values below 2^(kFineBits+1) have a bucket each; above, the leading kFineBits+1 bits choose.
  const int width = std::bit_width(static_cast<std::uint64_t>(value));
  const int shift = std::max(0, width - (kFineBits + 1));
  const std::size_t index =
      (static_cast<std::size_t>(shift) << kFineBits) + static_cast<std::size_t>(value >> shift);
  buckets_[index]++;
  count_++;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, value);
}

void Histogram::reset() {
  *this = Histogram();
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t Histogram::quantile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * double(count_))));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < kBuckets; index++) {
    seen += buckets_[index];
    if (seen < wanted) continue;
    const std::size_t linear = std::size_t{1} << (kFineBits + 1);
    if (index < linear) return static_cast<std::int64_t>(index);
    const std::size_t shift = (index >> kFineBits) - 1;
    const std::size_t leading = index - (shift << kFineBits);
    const auto upper = static_cast<std::int64_t>(((leading + 1) << shift) - 1);
    return std::min(upper, max_);
  }
  return max_;
}

}  // namespace rogerthat::bench
