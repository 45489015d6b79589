#include "net/connection_limits.h"

#include <algorithm>

namespace rogerthat::net {

ConnectionLimits::Admission ConnectionLimits::admit(const IpAddress& peer, bool by_address) {
  const std::size_t others = open_.fetch_add(1, std::memory_order_acq_rel);
  const bool full = others >= in_all_;
  if (!full && !by_address) return {};
  const auto refuse = [this](Verdict verdict) {
    open_.fetch_sub(1, std::memory_order_acq_rel);
    return Admission{verdict};
  };
  const IpAddress key = peer.limit_key();
  Admission out;
  const std::lock_guard lock(mutex_);
  std::size_t own = others - std::min(others, counted_);
  if (by_address) {
    const auto found = by_address_.find(key);
    own = found == by_address_.end() ? 0 : found->second;
    if (own >= per_address_) return refuse(Verdict::too_many_of_address);
  }
  if (full) {
    // Who would have as many as the heaviest has now takes nothing from it.
    if (others >= in_all_ + kOverlap || by_weight_.empty() ||
        by_weight_.rbegin()->first <= own + 1) {
      return refuse(Verdict::too_many);
    }
    out = {Verdict::in_place_of_another, by_weight_.rbegin()->second};
  }
  if (by_address) change(key, 1);
  return out;
}

void ConnectionLimits::release(const IpAddress& peer, bool by_address) {
  if (by_address) {
    const std::lock_guard lock(mutex_);
    change(peer.limit_key(), -1);
  }
  open_.fetch_sub(1, std::memory_order_acq_rel);
}

void ConnectionLimits::change(const IpAddress& key, int by) {
  const auto at = by_address_.try_emplace(key, 0).first;
  auto weight = by_weight_.extract({at->second, key});
  at->second += static_cast<std::uint32_t>(by);
  counted_ += static_cast<std::size_t>(by);
  if (at->second == 0) {
    by_address_.erase(at);
  } else if (weight.empty()) {
    by_weight_.emplace(at->second, key);
  } else {
    weight.value().first = at->second;
    by_weight_.insert(std::move(weight));
  }
}

}  // namespace rogerthat::net
