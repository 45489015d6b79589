#include "bridge/statuses.h"

#include <algorithm>

namespace rogerthat::bridge {

void Statuses::add(const client::Incoming& status, std::string_view json) {
  if (std::ranges::find(shown_, status.id) != shown_.end()) return;
  waiting_.push_back({status, std::string(json)});
  if (waiting_.size() > kKept) waiting_.pop_front();
}

void Statuses::shown(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids) {
    std::erase_if(waiting_, [id](const Status& status) { return status.message.id == id; });
    shown_.push_back(id);
    if (shown_.size() > 2 * kKept) shown_.pop_front();
  }
}

}  // namespace rogerthat::bridge
