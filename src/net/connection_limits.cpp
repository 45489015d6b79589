#include "net/connection_limits.h"

namespace rogerthat::net {

ConnectionLimits::Verdict ConnectionLimits::admit(const IpAddress& peer, bool by_address) {
  if (open_.fetch_add(1, std::memory_order_acq_rel) >= in_all_) {
    open_.fetch_sub(1, std::memory_order_acq_rel);
    return Verdict::too_many;
  }
  if (!by_address) return Verdict::admitted;
  {
    const std::lock_guard lock(mutex_);
    std::uint32_t& count = by_address_[peer.limit_key()];
    if (count < per_address_) {
      ++count;
      return Verdict::admitted;
    }
  }
  open_.fetch_sub(1, std::memory_order_acq_rel);
  return Verdict::too_many_of_address;
}

void ConnectionLimits::release(const IpAddress& peer, bool by_address) {
  if (by_address) {
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(peer.limit_key());
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
  }
  open_.fetch_sub(1, std::memory_order_acq_rel);
}

}  // namespace rogerthat::net
