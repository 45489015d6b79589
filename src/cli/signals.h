// The signals that end or reload the process: blocking them for every thread, and waiting for them
// on the main one, which has nothing else to do. No handlers run anywhere.
#pragma once

#include <csignal>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace rogerthat::cli {

enum class Signal : std::uint8_t { end, reload };

class Signals {
 public:
  Signals();  // blocks them; call before the first thread starts. SIGPIPE is ignored for good

  std::optional<Signal> wait_for(Millis time);  // nothing: the time is over
  static void send_end();                       // any thread: as if somebody had sent SIGTERM

 private:
  sigset_t set_{};
};

}  // namespace rogerthat::cli
