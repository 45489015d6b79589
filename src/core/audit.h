// What the operator has done, without content: the entries and how many are kept. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bans.h"

namespace rogerthat::core {

enum class Act : std::uint8_t { kick, ban, unban, close, send, stop };
std::string_view to_string(Act act);

struct AuditEntry {
  std::uint64_t no = 0;  // counts up, also over restarts
  Millis at = 0;
  Act act = Act::kick;
  std::optional<TargetKind> target_kind;  // absent: nobody is named
  std::string target;
  std::string channel;  // empty: the whole server
  std::string reason;
  std::uint64_t sessions = 0;  // that have ended by it, as far as it is known with the act
  bool operator==(const AuditEntry&) const = default;
};

class AuditLog {
 public:
  static constexpr std::size_t kMax = 10'000;

  // Gives the entry its number. What has to make room for it comes back.
  std::optional<std::uint64_t> append(AuditEntry& entry);
  void put(AuditEntry entry);  // recovery, in order of number
  // Newest first, those before number `before`.
  std::vector<const AuditEntry*> newest(std::size_t limit, std::uint64_t before) const;
  std::size_t size() const { return entries_.size(); }

 private:
  std::deque<AuditEntry> entries_;  // oldest first
};

}  // namespace rogerthat::core
