#include "core/audit.h"

namespace rogerthat::core {

std::string_view to_string(Act act) {
  switch (act) {
    case Act::kick:
      return "kick";
    case Act::ban:
      return "ban";
    case Act::unban:
      return "unban";
    case Act::close:
      return "close";
    case Act::send:
      return "send";
    case Act::stop:
      return "stop";
  }
  return {};
}

std::optional<std::uint64_t> AuditLog::append(AuditEntry& entry) {
  entry.no = entries_.empty() ? 1 : entries_.back().no + 1;
  entries_.push_back(entry);
  if (entries_.size() <= kMax) return std::nullopt;
  const std::uint64_t oldest = entries_.front().no;
  entries_.pop_front();
  return oldest;
}

void AuditLog::put(AuditEntry entry) {
  entries_.push_back(std::move(entry));
}

std::vector<const AuditEntry*> AuditLog::newest(std::size_t limit, std::uint64_t before) const {
  std::vector<const AuditEntry*> out;
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && out.size() < limit; ++entry) {
    if (entry->no < before) out.push_back(&*entry);
  }
  return out;
}

}  // namespace rogerthat::core
