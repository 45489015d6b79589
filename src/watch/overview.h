// The operator's look at the whole server, as JSON. Its fields and the rates between
// two looks. Numbers are counted elsewhere (metrics.h).
#pragma once

#include <mutex>
#include <string>

#include "base/time.h"
#include "watch/metrics.h"

namespace rogerthat::watch {

// Per second, over the time from an earlier look to this one.
struct Rates {
  double seconds = 0;
  double requests = 0, messages = 0, deliveries = 0, joins = 0, bytes_in = 0, bytes_out = 0;
};

// Remembers earlier looks. The first one is measured from the start of the process. Any thread.
class RateMeter {
 public:
  explicit RateMeter(Millis started) { earlier_.at = latest_.at = started; }
  Rates measure(const MetricsInput& input, Millis steady_now);

 private:
  struct Sample {
    Millis at = 0;  // steady
    std::uint64_t requests = 0, messages = 0, deliveries = 0, joins = 0, bytes_in = 0,
                  bytes_out = 0;
  };
  static Sample sample(const MetricsInput& input, Millis at);

  std::mutex mutex_;
  Sample earlier_, latest_;  // at least a second apart, unless nobody has looked yet
};

std::string overview_json(const MetricsInput& input, const Rates& rates, Millis started_at,
                          std::size_t bans);

}  // namespace rogerthat::watch
