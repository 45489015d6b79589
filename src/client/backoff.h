// How long to wait before something is tried again.
#pragma once

#include "base/random.h"
#include "base/time.h"

namespace rogerthat::client {

// Waiting times that double, with some chance in them, so that many do not come back at once.
class Backoff {
 public:
  Backoff(Random& random, Millis first, Millis max) : random_(random), first_(first), max_(max) {}
  Millis next();
  void reset() { last_ = 0; }

 private:
  Random& random_;
  Millis first_, max_;
  Millis last_ = 0;
};

}  // namespace rogerthat::client
