// How often something may happen for each of many names within hours or days: mails to an address,
// wrong passwords on a channel. The limits per source address and minute are in limiter.h. Bounded:
// at the bound the name used longest ago is forgotten. Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace rogerthat::hub {

class Budget {
 public:
  struct Window {
    std::size_t count = 0;
    Millis time = 0;
  };
  Budget(std::vector<Window> windows, std::size_t names_max);

  // How long until there is room again; 0: there was, and it has been taken.
  Millis take(std::string_view name, Millis steady);
  // The last one taken does not count.
  void give_back(std::string_view name);

 private:
  struct Spent {
    std::string name;
    std::deque<Millis> times;  // oldest first; as many as the longest window may hold
  };
  using Order = std::list<Spent>;  // the one used longest ago first

  Millis wait_of(const Spent& spent, Millis steady) const;
  void forget(Millis steady);

  const std::vector<Window> windows_;
  const std::size_t names_max_;
  std::size_t count_max_ = 0;
  Millis time_max_ = 0;
  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> by_name_;
};

}  // namespace rogerthat::hub
