#include "hub/budget.h"

#include <algorithm>
#include <utility>

namespace rogerthat::hub {

Budget::Budget(std::vector<Window> windows, std::size_t names_max)
    : windows_(std::move(windows)), names_max_(names_max) {
  for (const Window& window : windows_) {
    count_max_ = std::max(count_max_, window.count);
    time_max_ = std::max(time_max_, window.time);
  }
}

Millis Budget::wait_of(const Spent& spent, Millis steady) const {
  Millis wait = 0;
  for (const Window& window : windows_) {
    if (spent.times.size() < window.count) continue;
    const Millis first = spent.times[spent.times.size() - window.count];
    wait = std::max(wait, first + window.time - steady);
  }
  return wait;
}

// In order of use, what is over lies in front.
void Budget::forget(Millis steady) {
  while (!order_.empty()) {
    const Spent& oldest = order_.front();
    const bool over = steady - oldest.times.back() >= time_max_;
    if (!over && order_.size() < names_max_) return;
    by_name_.erase(oldest.name);
    order_.pop_front();
  }
}

Millis Budget::take(std::string_view name, Millis steady) {
  const std::lock_guard lock(mutex_);
  auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    forget(steady);
    order_.push_back({std::string(name), {}});
    found = by_name_.emplace(order_.back().name, std::prev(order_.end())).first;
  }
  Spent& spent = *found->second;
  if (const Millis wait = wait_of(spent, steady); wait > 0) return wait;
  spent.times.push_back(steady);
  if (spent.times.size() > count_max_) spent.times.pop_front();
  order_.splice(order_.end(), order_, found->second);
  return 0;
}

void Budget::give_back(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  const Order::iterator spent = found->second;
  spent->times.pop_back();
  if (!spent->times.empty()) return;
  by_name_.erase(found);
  order_.erase(spent);
}

}  // namespace rogerthat::hub
