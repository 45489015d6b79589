// Polls that a newer poll of the same callsign has displaced. Two programs that listen under one
// callsign take each other's place as fast as they can: beyond a few a minute, the one that has
// lost its place is answered later. A bounded table, of those to whom it has happened lately.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "core/types.h"

namespace rogerthat::core {

class DisplacedPolls {
 public:
  static constexpr std::size_t kCallsignsMax = 256;

  // A poll of that callsign on that channel has been displaced. How long its answer is to wait.
  Millis displaced(std::uint64_t channel, MemberNo member, Millis steady);

 private:
  struct Callsign {
    std::uint64_t channel = 0;
    MemberNo member = kNone;
    std::size_t next = 0;
    Millis last = 0;
    std::vector<Millis> times;  // the last kDisplacedPollsMax, circular
  };
  Callsign& entry_of(std::uint64_t channel, MemberNo member, Millis steady);

  std::vector<Callsign> callsigns_;
};

}  // namespace rogerthat::core
