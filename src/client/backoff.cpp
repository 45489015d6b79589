#include "client/backoff.h"

#include <algorithm>

namespace rogerthat::client {

Millis Backoff::next() {
  last_ = last_ == 0 ? first_ : std::min(last_ * 2, max_);
  return last_ / 2 + static_cast<Millis>(random_.below(static_cast<std::uint64_t>(last_ / 2 + 1)));
}

}  // namespace rogerthat::client
