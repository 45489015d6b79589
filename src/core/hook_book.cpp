#include "core/hook_book.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace rogerthat::core {

namespace {

std::unexpected<Error> not_found() {
  return fail(ErrorCode::not_found, "There is no webhook of that id here.",
              "GET …/webhooks lists those that exist.");
}

}  // namespace

Result<void> HookBook::add(WebhookRecord hook) {
  const bool of_account = !hook.account.empty();
  const std::size_t most = of_account ? kHooksPerAccountMax : kHooksPerChannelMax;
  const auto owner = owners_.find(hook.owner());
  if (owner != owners_.end() && owner->second.size() >= most) {
    return fail(ErrorCode::conflict,
                fmt::format("{} has {} webhooks, which is the most.",
                            of_account ? "This account" : "This channel", most),
                "Delete one that is not needed.");
  }
  put(std::move(hook));
  return {};
}

void HookBook::put(WebhookRecord hook) {
  const auto known = hooks_.find(hook.id);
  if (known != hooks_.end()) {
    known->second = std::move(hook);
    return;
  }
  // Oldest first, in whatever order recovery brings them.
  std::vector<std::string>& ids = owners_[std::string(hook.owner())];
  const auto at = std::ranges::upper_bound(
      ids, hook.created_at, {}, [this](const std::string& id) { return hooks_.at(id).created_at; });
  ids.insert(at, hook.id);
  std::string id = hook.id;
  hooks_.emplace(std::move(id), std::move(hook));
}

Result<WebhookRecord> HookBook::rotate(std::string_view owner, std::string_view id) {
  const auto found = hooks_.find(id);
  if (found == hooks_.end() || found->second.owner() != owner) return not_found();
  ++found->second.rotation;
  return found->second;
}

Result<void> HookBook::remove(std::string_view owner, std::string_view id) {
  const auto found = hooks_.find(id);
  if (found == hooks_.end() || found->second.owner() != owner) return not_found();
  const auto ids = owners_.find(owner);
  std::erase(ids->second, found->first);
  if (ids->second.empty()) owners_.erase(ids);
  hooks_.erase(found);
  return {};
}

std::vector<std::string> HookBook::remove_all(std::string_view owner) {
  const auto found = owners_.find(owner);
  if (found == owners_.end()) return {};
  std::vector<std::string> ids = std::move(found->second);
  owners_.erase(found);
  for (const std::string& id : ids) hooks_.erase(id);
  return ids;
}

std::optional<WebhookRecord> HookBook::disable(std::string_view id) {
  const auto found = hooks_.find(id);
  if (found == hooks_.end() || !found->second.active) return std::nullopt;
  found->second.active = false;
  return found->second;
}

const WebhookRecord* HookBook::find(std::string_view id) const {
  const auto found = hooks_.find(id);
  return found == hooks_.end() ? nullptr : &found->second;
}

std::vector<const WebhookRecord*> HookBook::of(std::string_view owner) const {
  std::vector<const WebhookRecord*> found;
  const auto ids = owners_.find(owner);
  if (ids == owners_.end()) return found;
  found.reserve(ids->second.size());
  for (const std::string& id : ids->second) found.push_back(&hooks_.at(id));
  return found;
}

}  // namespace rogerthat::core
