// The directory of accounts and identities: who exists, and which secret opens what. Pure: no
// clock, no randomness, no I/O. A decision looks at the state and gives changes; apply() makes
// them. Recovery is apply() over the records that the store has kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/flat_index.h"
#include "base/random.h"
#include "core/account.h"
#include "core/limits.h"

namespace rogerthat::core {

using AccountNo = std::uint32_t;
using IdentityNo = std::uint32_t;

enum class HandlePolicy : std::uint8_t { free, random };

// The secrets of a new session of an account: made by the caller, known here by their hashes.
struct NewAccount {
  std::string id;
  Digest recovery_hash{};
  Digest session_hash{};
};

struct Recovered {
  std::string account;
  DirectoryChanges changes;
};

// A code was tried: `error` says why it was refused. Changes are made in either case.
struct CodeTried {
  std::optional<Error> error;
  std::string account;
  DirectoryChanges changes;
};

struct NewIdentity {
  std::string callsign;
  DirectoryChanges changes;
};

// An account with two identities at once: an agent's and that of the phone which drives it.
struct NewRemote {
  std::string account;
  Digest recovery_hash{};
  Digest agent_hash{};
  Digest phone_hash{};
};
struct MadeRemote {
  std::string agent;  // callsigns
  std::string phone;
  DirectoryChanges changes;
};

class Directory {
 public:
  // --- Decisions. Nothing changes.
  DirectoryChanges create_account(const NewAccount& made, Millis wall) const;
  Result<Recovered> recover(const Digest& recovery_hash, const Digest& session_hash, bool revoke,
                            Millis wall) const;
  Result<DirectoryChanges> remove_account(std::string_view account) const;
  // Nullopt: its last use is known well enough.
  std::optional<DirectoryChange> session_used(const Digest& session_hash, Millis wall) const;

  Result<DirectoryChanges> attach_email(std::string_view account, std::string_view email,
                                        const Digest& mac, Millis wall) const;
  CodeTried verify_email(std::string_view account, const Digest& mac, Millis wall) const;
  Result<DirectoryChanges> detach_email(std::string_view account) const;
  // Nullopt: no account has that address.
  std::optional<DirectoryChanges> begin_email_recovery(std::string_view email, const Digest& mac,
                                                       Millis wall) const;
  CodeTried confirm_email_recovery(std::string_view email, const Digest& mac,
                                   const Digest& recovery_hash, const Digest& session_hash,
                                   bool revoke, Millis wall) const;

  // Without a callsign, or where the policy allots them: a free readable one.
  Result<NewIdentity> create_identity(std::string_view account,
                                      std::optional<std::string_view> callsign,
                                      const Digest& key_hash, HandlePolicy policy, Random& random,
                                      Millis wall) const;
  // The phone's callsign is one of those that nobody can choose: it tells whose words follow.
  MadeRemote create_remote(const NewRemote& made, Random& random, Millis wall) const;
  Result<DirectoryChanges> rotate_identity(std::string_view account, std::string_view callsign,
                                           const Digest& key_hash) const;
  Result<DirectoryChanges> remove_identity(std::string_view account,
                                           std::string_view callsign) const;
  Result<DirectoryChanges> block(std::string_view callsign, std::string_view sender) const;
  Result<DirectoryChanges> unblock(std::string_view callsign, std::string_view sender) const;

  // --- Changes.
  void apply(const DirectoryChange& change);
  void apply(const DirectoryChanges& changes);

  // --- Looking. Null: there is none.
  const AccountRecord* find_account(std::string_view id) const;
  const AccountRecord* find_session(const Digest& session_hash, Millis wall) const;
  const IdentityRecord* find_identity(std::string_view callsign) const;  // no retired ones
  const IdentityRecord* find_key(const Digest& key_hash) const;
  bool is_taken(std::string_view callsign) const;  // also by a retired handle
  std::vector<const IdentityRecord*> identities_of(std::string_view account) const;  // oldest first
  std::size_t account_count() const { return accounts_by_id_.size(); }
  std::size_t identity_count() const { return identities_by_key_.size(); }

 private:
  struct AccountEntry {
    AccountRecord record;
    std::vector<IdentityNo> identities;
  };

  Result<const AccountEntry*> account(std::string_view id) const;
  Result<const IdentityRecord*> owned(std::string_view account, std::string_view callsign) const;
  std::string free_callsign(Random& random) const;
  std::string free_phone_callsign(Random& random) const;
  AccountNo find_account_no(std::string_view id) const;
  AccountNo find_email_no(std::string_view email) const;
  IdentityNo find_identity_no(std::string_view callsign) const;

  void put(AccountRecord record);
  void put(IdentityRecord record);
  void remove(std::string_view account);
  void index(AccountNo no);
  void unindex(AccountNo no);

  std::vector<AccountEntry> accounts_;
  std::vector<AccountNo> free_accounts_;
  std::vector<IdentityRecord> identities_;  // none ever leaves: handles are not reissued
  FlatIndex accounts_by_id_;
  FlatIndex accounts_by_recovery_;
  FlatIndex accounts_by_session_;
  FlatIndex accounts_by_email_;
  FlatIndex identities_by_callsign_;
  FlatIndex identities_by_key_;
};

// Trimmed and in lower case; an error that names the field where it is no address.
Result<std::string> normalise_email(std::string_view sent);

}  // namespace rogerthat::core
