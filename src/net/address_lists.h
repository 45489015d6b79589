// A loop's connections by the address that they come from, where they count by it. Belongs to one
// thread.
#pragma once

#include <unordered_map>
#include <vector>

#include "net/address.h"
#include "net/timer_list.h"

namespace rogerthat::net {

// One of an address. In a list by its arrival, and no timer runs.
class OfAddress : public Timed {};

class AddressLists {
 public:
  void add(OfAddress& who, const IpAddress& address);
  void remove(OfAddress& who, const IpAddress& address);
  // Some of that address, other ones than those that were looked at before; empty: there is none.
  std::vector<OfAddress*> look(const IpAddress& address);

 private:
  std::unordered_map<IpAddress, TimerList, IpAddressHash> lists_;  // by limit_key()
};

}  // namespace rogerthat::net
