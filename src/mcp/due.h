// Something of the HTTP endpoint that waits in one of its shard's timer lists.
#pragma once

#include "base/time.h"
#include "net/timer_list.h"

namespace rogerthat::mcp {

class Due : public net::Timed {
 public:
  virtual ~Due() = default;
  // The time has come. Not armed any more.
  virtual void due(Millis steady_now) = 0;
};

}  // namespace rogerthat::mcp
