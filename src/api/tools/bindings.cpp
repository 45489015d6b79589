#include "api/tools/bindings.h"

#include <algorithm>
#include <utility>

namespace rogerthat::api {

std::optional<Binding> Bindings::current() const {
  const std::lock_guard lock(mutex_);
  if (joined_.empty()) return std::nullopt;
  return joined_.back();
}

std::optional<Binding> Bindings::find(std::string_view channel_id) const {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(joined_, channel_id, &Binding::channel_id);
  if (at == joined_.end()) return std::nullopt;
  return *at;
}

std::vector<Binding> Bindings::all() const {
  const std::lock_guard lock(mutex_);
  return joined_;
}

Millis Bindings::longest_ttl() const {
  const std::lock_guard lock(mutex_);
  Millis longest = 0;
  for (const Binding& binding : joined_) longest = std::max(longest, binding.session_ttl);
  return longest;
}

std::vector<Binding> Bindings::add(Binding joined, bool keep_others) {
  const std::lock_guard lock(mutex_);
  std::vector<Binding> leave;
  if (ended_) {
    leave.push_back(std::move(joined));
    return leave;
  }
  const auto gives_way = [&](const Binding& other) {
    const bool same_channel = other.channel_id == joined.channel_id;
    const bool same = same_channel && other.session_id == joined.session_id;
    if (!same && (same_channel || !keep_others)) leave.push_back(other);
    return same_channel || !keep_others;
  };
  std::erase_if(joined_, gives_way);
  if (joined_.size() >= kMax) {
    leave.push_back(std::move(joined_.front()));
    joined_.erase(joined_.begin());
  }
  joined_.push_back(std::move(joined));
  return leave;
}

void Bindings::remove(std::string_view channel_id, std::string_view session_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(joined_, [&](const Binding& binding) {
    return binding.channel_id == channel_id && binding.session_id == session_id;
  });
}

void Bindings::tell(std::string_view channel_id, core::MessageId id) {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(joined_, channel_id, &Binding::channel_id);
  if (at != joined_.end()) at->told = std::max(at->told, id);
}

std::vector<Binding> Bindings::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  return std::exchange(joined_, {});
}

}  // namespace rogerthat::api
