#include "core/loop_guard.h"

#include <algorithm>

#include "core/limits.h"

namespace rogerthat::core {

namespace {
constexpr std::size_t kTimes = kLoopGuardMessages + 1;
}

const LoopGuard::Pair* LoopGuard::find(MemberNo a, MemberNo b) const {
  const MemberNo low = std::min(a, b);
  const MemberNo high = std::max(a, b);
  for (const Pair& pair : pairs_) {
    if (pair.low == low && pair.high == high) return &pair;
  }
  return nullptr;
}

// More than kLoopGuardMessages within the window: the oldest of the last 41 is not older than it.
bool LoopGuard::looping(const Pair& pair, Millis steady) {
  if (pair.times.size() < kTimes) return false;
  return steady - pair.times[pair.next] < kLoopGuardWindow;
}

void LoopGuard::record(MemberNo a, MemberNo b, Millis steady) {
  auto* pair = const_cast<Pair*>(find(a, b));
  if (pair == nullptr) {
    if (pairs_.size() < kPairsMax) {
      pair = &pairs_.emplace_back();
    } else {  // the pair silent longest makes room
      pair = &*std::min_element(pairs_.begin(), pairs_.end(),
                                [](const Pair& x, const Pair& y) { return x.last < y.last; });
      *pair = Pair{};
    }
    pair->low = std::min(a, b);
    pair->high = std::max(a, b);
  }
  pair->last = steady;
  if (pair->times.size() < kTimes) {
    pair->times.push_back(steady);
    return;
  }
  pair->times[pair->next] = steady;
  pair->next = (pair->next + 1) % kTimes;
}

bool LoopGuard::looping(MemberNo a, MemberNo b, Millis steady) const {
  const Pair* pair = find(a, b);
  return pair != nullptr && looping(*pair, steady);
}

bool LoopGuard::any_looping(MemberNo member, Millis steady) const {
  return std::ranges::any_of(pairs_, [&](const Pair& pair) {
    return (pair.low == member || pair.high == member) && looping(pair, steady);
  });
}

Millis LoopGuard::quiet_at(MemberNo a, MemberNo b) const {
  const Pair* pair = find(a, b);
  if (pair == nullptr || pair->times.size() < kTimes) return 0;
  return pair->times[pair->next] + kLoopGuardWindow;
}

void LoopGuard::human_spoke() {
  pairs_.clear();
}

}  // namespace rogerthat::core
