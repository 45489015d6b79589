// Accounts and identities as values, and what the directory keeps of them: the records, the changes
// that turn one state of the directory into the next, and their bounds. Secrets appear as hashes
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/crypto.h"
#include "base/time.h"

namespace rogerthat::core {

inline constexpr Millis kAccountSessionLife = 30 * kDay;  // from its last use
inline constexpr Millis kAccountSessionRefresh = kHour;   // how exactly the last use is kept
inline constexpr std::size_t kAccountSessionsMax = 50;    // the one used longest ago goes first
inline constexpr std::size_t kIdentitiesPerAccountMax = 1'000;
inline constexpr Millis kEmailCodeLife = 15 * kMinute;
inline constexpr unsigned kEmailCodeTries = 5;
inline constexpr std::size_t kEmailLengthMax = 254;
inline constexpr std::size_t kBlockedMax = 1'000;  // senders that a handle has blocked

struct AccountSession {
  Digest token_hash{};
  Millis last_used = 0;  // wall
  bool operator==(const AccountSession&) const = default;
};

// A code that was mailed, and what it is for.
struct EmailCode {
  enum class Purpose : std::uint8_t { attach, recover };
  Purpose purpose = Purpose::attach;
  std::string email;
  Digest mac{};  // of code, purpose and address, under the key of the data directory
  Millis until = 0;
  unsigned tries_left = kEmailCodeTries;
  bool operator==(const EmailCode&) const = default;
};

struct AccountRecord {
  std::string id;
  Millis created_at = 0;
  Digest recovery_hash{};
  std::vector<AccountSession> sessions;
  std::string email;  // verified; empty: none
  std::optional<EmailCode> code;
  bool operator==(const AccountRecord&) const = default;
};

// A handle: a callsign that is one identity's on the whole server. A retired one stays, so that
// nobody else is ever given it.
struct IdentityRecord {
  std::string callsign;
  std::string account;  // empty: retired
  Digest key_hash{};
  Millis created_at = 0;
  std::vector<std::string> blocked;  // senders whose direct messages are dropped, sorted
  bool retired() const { return account.empty(); }
  bool operator==(const IdentityRecord&) const = default;
};

struct AccountRemoved {
  std::string id;
};

using DirectoryChange = std::variant<AccountRecord, AccountRemoved, IdentityRecord>;
using DirectoryChanges = std::vector<DirectoryChange>;

}  // namespace rogerthat::core
