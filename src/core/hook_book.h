// All webhooks of the hub: who has which. Pure: no clock, no I/O. A decision looks at the book and
// refuses, or changes it; recovery puts the records that the store has kept.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/webhook.h"

namespace rogerthat::core {

class HookBook {
 public:
  // Refused (conflict) where its channel or account has as many as it may.
  Result<void> add(WebhookRecord hook);
  void put(WebhookRecord hook);  // recovery, and replacing one that is there
  // The owner: a channel's id or an account's. Not found: nothing of another owner is told.
  Result<WebhookRecord> rotate(std::string_view owner, std::string_view id);
  Result<void> remove(std::string_view owner, std::string_view id);
  std::vector<std::string> remove_all(std::string_view owner);  // their ids
  std::optional<WebhookRecord> disable(std::string_view id);    // its receiver has gone

  const WebhookRecord* find(std::string_view id) const;
  std::vector<const WebhookRecord*> of(std::string_view owner) const;  // oldest first
  std::size_t size() const { return hooks_.size(); }

 private:
  std::map<std::string, WebhookRecord, std::less<>> hooks_;              // by id
  std::map<std::string, std::vector<std::string>, std::less<>> owners_;  // ids, oldest first
};

}  // namespace rogerthat::core
