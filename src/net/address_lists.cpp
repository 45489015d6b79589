#include "net/address_lists.h"

namespace rogerthat::net {

namespace {
constexpr std::size_t kLookedAt = 32;
}

void AddressLists::add(OfAddress& who, const IpAddress& address) {
  lists_.try_emplace(address.limit_key(), 0).first->second.arm(who, 0);
}

void AddressLists::remove(OfAddress& who, const IpAddress& address) {
  if (!who.armed()) return;
  TimerList::disarm(who);
  const auto at = lists_.find(address.limit_key());
  if (at->second.oldest() == nullptr) lists_.erase(at);
}

std::vector<OfAddress*> AddressLists::look(const IpAddress& address) {
  std::vector<OfAddress*> out;
  const auto at = lists_.find(address.limit_key());
  if (at == lists_.end()) return out;
  TimerList& list = at->second;
  Timed* who = list.oldest();
  do {
    out.push_back(static_cast<OfAddress*>(who));
    list.arm(*who, 0);
    who = list.oldest();
  } while (who != out.front() && out.size() < kLookedAt);
  return out;
}

}  // namespace rogerthat::net
