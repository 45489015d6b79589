#include "core/directory.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "core/names.h"

namespace rogerthat::core {

namespace {

std::string_view key_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Error unknown_account() {
  return {ErrorCode::not_found, "There is no such account any more."};
}

Error unknown_identity(std::string_view callsign) {
  return {ErrorCode::not_found, fmt::format("This account has no identity {}.", callsign),
          "GET /api/account/identities lists them."};
}

Error wrong_code() {
  return {ErrorCode::unauthorized, "This code is wrong or has expired.",
          "Check it, or ask for a new one."};
}

// What is left of a handle whose identity is gone.
IdentityRecord retired(const IdentityRecord& identity) {
  IdentityRecord left;
  left.callsign = identity.callsign;
  left.created_at = identity.created_at;
  return left;
}

// The account's record with one more session; the one used longest ago makes room.
void add_session(AccountRecord& record, const Digest& token_hash, Millis wall) {
  auto& sessions = record.sessions;
  std::erase_if(sessions, [wall](const AccountSession& session) {
    return wall - session.last_used > kAccountSessionLife;
  });
  if (sessions.size() >= kAccountSessionsMax) {
    sessions.erase(std::ranges::min_element(sessions, {}, &AccountSession::last_used));
  }
  sessions.push_back({token_hash, wall});
}

EmailCode new_code(EmailCode::Purpose purpose, std::string_view email, const Digest& mac,
                   Millis wall) {
  return {purpose, std::string(email), mac, wall + kEmailCodeLife, kEmailCodeTries};
}

// Tries the code that `record` holds. A wrong one counts, a used or exhausted one is gone.
bool take_code(AccountRecord& record, EmailCode::Purpose purpose, std::string_view email,
               const Digest& mac, Millis wall) {
  if (!record.code || record.code->purpose != purpose) return false;
  if (record.code->until < wall) {
    record.code.reset();
    return false;
  }
  // A code for recovery is also bound to the address that it was asked for.
  const bool right = (purpose == EmailCode::Purpose::attach || record.code->email == email) &&
                     equal_constant_time(record.code->mac, mac);
  if (right || --record.code->tries_left == 0) record.code.reset();
  return right;
}

}  // namespace

// --- Decisions

DirectoryChanges Directory::create_account(const NewAccount& made, Millis wall) const {
  AccountRecord record;
  record.id = made.id;
  record.created_at = wall;
  record.recovery_hash = made.recovery_hash;
  add_session(record, made.session_hash, wall);
  return {std::move(record)};
}

Result<Recovered> Directory::recover(const Digest& recovery_hash, const Digest& session_hash,
                                     bool revoke, Millis wall) const {
  const AccountNo no = accounts_by_recovery_.find(key_of(recovery_hash), [this](AccountNo n) {
    return key_of(accounts_[n].record.recovery_hash);
  });
  if (no == FlatIndex::kMissing) {
    return fail(ErrorCode::unauthorized, "This recovery_token is not known.",
                "Check it; a newer one may have replaced it.");
  }
  AccountRecord record = accounts_[no].record;
  if (revoke) record.sessions.clear();
  add_session(record, session_hash, wall);
  Recovered out{record.id, {}};
  out.changes.emplace_back(std::move(record));
  return out;
}

Result<DirectoryChanges> Directory::remove_account(std::string_view id) const {
  const auto entry = account(id);
  if (!entry) return std::unexpected(entry.error());
  DirectoryChanges changes;
  for (const IdentityNo no : (*entry)->identities) {
    changes.emplace_back(retired(identities_[no]));
  }
  changes.emplace_back(AccountRemoved{std::string(id)});
  return changes;
}

std::optional<DirectoryChange> Directory::session_used(const Digest& session_hash,
                                                       Millis wall) const {
  const AccountRecord* const found = find_session(session_hash, wall);
  if (found == nullptr) return std::nullopt;
  const auto is_it = [&](const AccountSession& s) { return s.token_hash == session_hash; };
  const auto at = std::ranges::find_if(found->sessions, is_it);
  if (wall - at->last_used < kAccountSessionRefresh) return std::nullopt;
  AccountRecord record = *found;
  std::ranges::find_if(record.sessions, is_it)->last_used = wall;
  return record;
}

Result<DirectoryChanges> Directory::attach_email(std::string_view id, std::string_view email,
                                                 const Digest& mac, Millis wall) const {
  const auto entry = account(id);
  if (!entry) return std::unexpected(entry.error());
  AccountRecord record = (*entry)->record;
  record.code = new_code(EmailCode::Purpose::attach, email, mac, wall);
  return DirectoryChanges{std::move(record)};
}

CodeTried Directory::verify_email(std::string_view id, const Digest& mac, Millis wall) const {
  CodeTried out;
  const auto entry = account(id);
  if (!entry) {
    out.error = entry.error();
    return out;
  }
  out.account = std::string(id);
  AccountRecord record = (*entry)->record;
  const std::string email = record.code ? record.code->email : std::string();
  if (take_code(record, EmailCode::Purpose::attach, {}, mac, wall)) {
    // Who reads that mailbox decides: an account that had the address before loses it.
    const AccountNo other = find_email_no(email);
    if (other != FlatIndex::kMissing && accounts_[other].record.id != id) {
      AccountRecord loser = accounts_[other].record;
      loser.email.clear();
      out.changes.emplace_back(std::move(loser));
    }
    record.email = email;
  } else {
    out.error = wrong_code();
  }
  out.changes.emplace_back(std::move(record));
  return out;
}

Result<DirectoryChanges> Directory::detach_email(std::string_view id) const {
  const auto entry = account(id);
  if (!entry) return std::unexpected(entry.error());
  AccountRecord record = (*entry)->record;
  record.email.clear();
  record.code.reset();
  return DirectoryChanges{std::move(record)};
}

std::optional<DirectoryChanges> Directory::begin_email_recovery(std::string_view email,
                                                                const Digest& mac,
                                                                Millis wall) const {
  const AccountNo no = find_email_no(email);
  if (no == FlatIndex::kMissing) return std::nullopt;
  AccountRecord record = accounts_[no].record;
  record.code = new_code(EmailCode::Purpose::recover, email, mac, wall);
  return DirectoryChanges{std::move(record)};
}

CodeTried Directory::confirm_email_recovery(std::string_view email, const Digest& mac,
                                            const Digest& recovery_hash, const Digest& session_hash,
                                            bool revoke, Millis wall) const {
  CodeTried out;
  const AccountNo no = find_email_no(email);
  if (no == FlatIndex::kMissing) {
    out.error = wrong_code();  // the same as for a known address
    return out;
  }
  AccountRecord record = accounts_[no].record;
  out.account = record.id;
  if (take_code(record, EmailCode::Purpose::recover, email, mac, wall)) {
    record.recovery_hash = recovery_hash;
    if (revoke) record.sessions.clear();
    add_session(record, session_hash, wall);
  } else {
    out.error = wrong_code();
  }
  out.changes.emplace_back(std::move(record));
  return out;
}

Result<NewIdentity> Directory::create_identity(std::string_view id,
                                               std::optional<std::string_view> callsign,
                                               const Digest& key_hash, HandlePolicy policy,
                                               Random& random, Millis wall) const {
  const auto entry = account(id);
  if (!entry) return std::unexpected(entry.error());
  if ((*entry)->identities.size() >= kIdentitiesPerAccountMax) {
    return fail(
        ErrorCode::conflict,
        fmt::format("This account has {} identities, as many as it may.", kIdentitiesPerAccountMax),
        "Delete one that is not used.");
  }
  IdentityRecord record;
  if (callsign && policy == HandlePolicy::free) {
    record.callsign = *callsign;
    if (is_taken(record.callsign)) {
      return fail(ErrorCode::callsign_taken,
                  fmt::format("The callsign {} belongs to an identity, or once did.", *callsign),
                  "Choose another, or leave callsign out to be given one.");
    }
  } else {
    record.callsign = free_callsign(random);
  }
  record.account = id;
  record.key_hash = key_hash;
  record.created_at = wall;
  NewIdentity out{record.callsign, {}};
  out.changes.emplace_back(std::move(record));
  return out;
}

MadeRemote Directory::create_remote(const NewRemote& made, Random& random, Millis wall) const {
  AccountRecord account;
  account.id = made.account;
  account.created_at = wall;
  account.recovery_hash = made.recovery_hash;
  const auto identity = [&](std::string callsign, const Digest& key_hash) {
    IdentityRecord record;
    record.callsign = std::move(callsign);
    record.account = made.account;
    record.key_hash = key_hash;
    record.created_at = wall;
    return record;
  };
  MadeRemote out{free_callsign(random), free_phone_callsign(random), {}};
  out.changes.emplace_back(std::move(account));
  out.changes.emplace_back(identity(out.agent, made.agent_hash));
  out.changes.emplace_back(identity(out.phone, made.phone_hash));
  return out;
}

Result<DirectoryChanges> Directory::rotate_identity(std::string_view id, std::string_view callsign,
                                                    const Digest& key_hash) const {
  const auto found = owned(id, callsign);
  if (!found) return std::unexpected(found.error());
  IdentityRecord record = **found;
  record.key_hash = key_hash;
  return DirectoryChanges{std::move(record)};
}

Result<DirectoryChanges> Directory::remove_identity(std::string_view id,
                                                    std::string_view callsign) const {
  const auto found = owned(id, callsign);
  if (!found) return std::unexpected(found.error());
  return DirectoryChanges{retired(**found)};
}

Result<DirectoryChanges> Directory::block(std::string_view callsign,
                                          std::string_view sender) const {
  const IdentityRecord* const found = find_identity(callsign);
  if (found == nullptr) return std::unexpected(unknown_identity(callsign));
  IdentityRecord record = *found;
  const auto at = std::ranges::lower_bound(record.blocked, sender);
  if (at != record.blocked.end() && *at == sender) return DirectoryChanges{};
  if (record.blocked.size() >= kBlockedMax) {
    return fail(ErrorCode::conflict,
                fmt::format("{} senders are blocked, as many as may be.", kBlockedMax),
                "Unblock one first.");
  }
  record.blocked.insert(at, std::string(sender));
  return DirectoryChanges{std::move(record)};
}

Result<DirectoryChanges> Directory::unblock(std::string_view callsign,
                                            std::string_view sender) const {
  const IdentityRecord* const found = find_identity(callsign);
  if (found == nullptr) return std::unexpected(unknown_identity(callsign));
  IdentityRecord record = *found;
  if (std::erase(record.blocked, sender) == 0) return DirectoryChanges{};
  return DirectoryChanges{std::move(record)};
}

// --- Changes

void Directory::apply(const DirectoryChanges& changes) {
  for (const DirectoryChange& change : changes) apply(change);
}

void Directory::apply(const DirectoryChange& change) {
  if (const auto* account = std::get_if<AccountRecord>(&change)) {
    put(*account);
  } else if (const auto* removed = std::get_if<AccountRemoved>(&change)) {
    remove(removed->id);
  } else {
    put(std::get<IdentityRecord>(change));
  }
}

void Directory::put(AccountRecord record) {
  AccountNo no = find_account_no(record.id);
  if (no == FlatIndex::kMissing) {
    if (free_accounts_.empty()) {
      no = static_cast<AccountNo>(accounts_.size());
      accounts_.emplace_back();
    } else {
      no = free_accounts_.back();
      free_accounts_.pop_back();
    }
    accounts_[no].record.id = record.id;
    accounts_by_id_.insert(record.id, no);
  } else {
    unindex(no);
  }
  accounts_[no].record = std::move(record);
  index(no);
}

void Directory::remove(std::string_view id) {
  const AccountNo no = find_account_no(id);
  if (no == FlatIndex::kMissing) return;
  unindex(no);
  accounts_by_id_.erase(accounts_[no].record.id, no);
  accounts_[no] = {};
  free_accounts_.push_back(no);
}

void Directory::index(AccountNo no) {
  const AccountRecord& record = accounts_[no].record;
  accounts_by_recovery_.insert(key_of(record.recovery_hash), no);
  for (const AccountSession& session : record.sessions) {
    accounts_by_session_.insert(key_of(session.token_hash), no);
  }
  if (!record.email.empty()) accounts_by_email_.insert(record.email, no);
}

void Directory::unindex(AccountNo no) {
  const AccountRecord& record = accounts_[no].record;
  accounts_by_recovery_.erase(key_of(record.recovery_hash), no);
  for (const AccountSession& session : record.sessions) {
    accounts_by_session_.erase(key_of(session.token_hash), no);
  }
  if (!record.email.empty()) accounts_by_email_.erase(record.email, no);
}

void Directory::put(IdentityRecord record) {
  IdentityNo no = find_identity_no(record.callsign);
  if (no == FlatIndex::kMissing) {
    no = static_cast<IdentityNo>(identities_.size());
    identities_.emplace_back();
    identities_by_callsign_.insert(record.callsign, no);
  } else if (!identities_[no].retired()) {
    identities_by_key_.erase(key_of(identities_[no].key_hash), no);
    const AccountNo owner = find_account_no(identities_[no].account);
    if (owner != FlatIndex::kMissing) std::erase(accounts_[owner].identities, no);
  }
  identities_[no] = std::move(record);
  if (identities_[no].retired()) return;
  identities_by_key_.insert(key_of(identities_[no].key_hash), no);
  const AccountNo owner = find_account_no(identities_[no].account);
  if (owner != FlatIndex::kMissing) accounts_[owner].identities.push_back(no);
}

// --- Looking

AccountNo Directory::find_account_no(std::string_view id) const {
  return accounts_by_id_.find(
      id, [this](AccountNo n) -> std::string_view { return accounts_[n].record.id; });
}

AccountNo Directory::find_email_no(std::string_view email) const {
  return accounts_by_email_.find(
      email, [this](AccountNo n) -> std::string_view { return accounts_[n].record.email; });
}

IdentityNo Directory::find_identity_no(std::string_view callsign) const {
  return identities_by_callsign_.find(
      callsign, [this](IdentityNo n) -> std::string_view { return identities_[n].callsign; });
}

Result<const Directory::AccountEntry*> Directory::account(std::string_view id) const {
  const AccountNo no = find_account_no(id);
  if (no == FlatIndex::kMissing) return std::unexpected(unknown_account());
  return &accounts_[no];
}

Result<const IdentityRecord*> Directory::owned(std::string_view id,
                                               std::string_view callsign) const {
  const IdentityRecord* const found = find_identity(callsign);
  if (found != nullptr && found->account == id) return found;
  return std::unexpected(unknown_identity(callsign));
}

const AccountRecord* Directory::find_account(std::string_view id) const {
  const AccountNo no = find_account_no(id);
  return no == FlatIndex::kMissing ? nullptr : &accounts_[no].record;
}

const AccountRecord* Directory::find_session(const Digest& session_hash, Millis wall) const {
  const auto session_of = [&](AccountNo no) -> const AccountSession* {
    const auto& sessions = accounts_[no].record.sessions;
    const auto at = std::ranges::find(sessions, session_hash, &AccountSession::token_hash);
    return at == sessions.end() ? nullptr : &*at;
  };
  const AccountNo no =
      accounts_by_session_.find(key_of(session_hash), [&](AccountNo n) -> std::string_view {
        return session_of(n) == nullptr ? std::string_view() : key_of(session_hash);
      });
  if (no == FlatIndex::kMissing) return nullptr;
  return wall - session_of(no)->last_used > kAccountSessionLife ? nullptr : &accounts_[no].record;
}

const IdentityRecord* Directory::find_identity(std::string_view callsign) const {
  const IdentityNo no = find_identity_no(callsign);
  if (no == FlatIndex::kMissing || identities_[no].retired()) return nullptr;
  return &identities_[no];
}

const IdentityRecord* Directory::find_key(const Digest& key_hash) const {
  const IdentityNo no = identities_by_key_.find(
      key_of(key_hash), [this](IdentityNo n) { return key_of(identities_[n].key_hash); });
  return no == FlatIndex::kMissing ? nullptr : &identities_[no];
}

bool Directory::is_taken(std::string_view callsign) const {
  return find_identity_no(callsign) != FlatIndex::kMissing;
}

std::vector<const IdentityRecord*> Directory::identities_of(std::string_view id) const {
  std::vector<const IdentityRecord*> out;
  const AccountNo no = find_account_no(id);
  if (no == FlatIndex::kMissing) return out;
  for (const IdentityNo identity : accounts_[no].identities) out.push_back(&identities_[identity]);
  std::ranges::sort(out, [](const IdentityRecord* a, const IdentityRecord* b) {
    return std::pair(a->created_at, std::string_view(a->callsign)) <
           std::pair(b->created_at, std::string_view(b->callsign));
  });
  return out;
}

// A plain pair of words while there are free ones, then with a number behind it.
std::string Directory::free_callsign(Random& random) const {
  constexpr int kPlainTries = 8;
  for (int i = 0; i < kPlainTries; ++i) {
    std::string callsign = random_callsign(random);
    if (!is_taken(callsign)) return callsign;
  }
  for (;;) {
    std::string callsign = fmt::format("{}-{:04x}", random_callsign(random), random.below(0x10000));
    if (callsign.size() <= kCallsignLengthMax && !is_taken(callsign)) return callsign;
  }
}

// Plain while it is free, then with a number, then with digits of chance: counting on would take
// longer with every phone.
std::string Directory::free_phone_callsign(Random& random) const {
  constexpr int kNumbered = 9;
  std::string callsign(kHumanCallsign);
  for (int n = 2; is_taken(callsign) && n <= kNumbered; ++n) {
    callsign = fmt::format("{}-{}", kHumanCallsign, n);
  }
  while (is_taken(callsign)) {
    callsign = fmt::format("{}-{:08x}", kHumanCallsign, random.below(std::uint64_t{1} << 32));
  }
  return callsign;
}

Result<std::string> normalise_email(std::string_view sent) {
  std::string email = lower_ascii(trim(sent));
  const std::size_t at = email.rfind('@');
  const auto is_plain = [](char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"(),:;<>[\\]").find(c) == std::string_view::npos;
  };
  const bool ok = at != std::string::npos && at > 0 && email.find('@') == at &&
                  email.size() <= kEmailLengthMax && std::ranges::all_of(email, is_plain) &&
                  email.find('.', at) != std::string::npos && email[at + 1] != '.' &&
                  email.back() != '.' && email.find("..") == std::string::npos;
  if (ok) return email;
  return fail(ErrorCode::invalid, "email must be an address, like name@example.org.");
}

}  // namespace rogerthat::core
