// Notices two agents that only answer each other: counting per pair of callsigns, in a bounded
// table. What follows from it (warn or refuse) is the channel's business.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "core/types.h"

namespace rogerthat::core {

class LoopGuard {
 public:
  void record(MemberNo a, MemberNo b, Millis steady);
  bool looping(MemberNo a, MemberNo b, Millis steady) const;
  bool any_looping(MemberNo member, Millis steady) const;
  Millis quiet_at(MemberNo a, MemberNo b) const;  // steady: when it stops looping by itself
  void human_spoke();                             // forgets everything

 private:
  static constexpr std::size_t kPairsMax = 256;
  struct Pair {
    MemberNo low = kNone, high = kNone;
    std::vector<Millis> times;  // the last kLoopGuardMessages + 1, circular
    std::size_t next = 0;
    Millis last = 0;
  };
  const Pair* find(MemberNo a, MemberNo b) const;
  static bool looping(const Pair& pair, Millis steady);
  std::vector<Pair> pairs_;
};

}  // namespace rogerthat::core
