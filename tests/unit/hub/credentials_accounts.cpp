// Acts on accounts and identities: made, recovered, rotated, deleted, banned.
#include "credentials_story.h"
#include "hub/end_sessions.h"

namespace rogerthat::hub::stories {

void Story::create_account() {
  auto account = std::make_shared<Account>();
  account->id = secret("acc_");
  account->recovery = secret("rtacc_");
  account->life = credential("account " + account->id);
  const std::string session = secret("rtses_");
  change(
      [account, session](const core::Directory& directory, Millis wall) {
        return Result<core::DirectoryChanges>(directory.create_account(
            {account->id, sha256(account->recovery), sha256(session)}, wall));
      },
      [this, account, session](const Result<void>& stored) {
        if (!stored) return;
        account->life->granted = true;
        account->sessions.push_back({session, credential("a session of " + account->id)});
        account->sessions.back().life->granted = true;
        accounts_.push_back(account);
      });
}

void Story::recover() {
  const auto* found = pick(accounts_);
  if (found == nullptr) return;
  const std::shared_ptr<Account> account = *found;
  const bool revoke = random_.below(2) == 0;
  const std::string session = secret("rtses_");
  Needs ending;
  if (revoke) {
    for (const auto& other : account->sessions) ending.push_back(other.life);
  }
  promise_.begun(ending);
  // Of two at once the later one may end what the earlier one has opened.
  const std::size_t recoveries = revoke ? ++recoveries_ : recoveries_;
  const bool alone = recovering_ == 0;
  recovering_ += revoke ? 1 : 0;
  const Promise::Attempt tried = promise_.attempt("recovery", {account->life});
  change(
      [account, session, revoke](const core::Directory& directory,
                                 Millis wall) -> Result<core::DirectoryChanges> {
        auto recovered =
            directory.recover(sha256(account->recovery), sha256(session), revoke, wall);
        if (!recovered) return std::unexpected(recovered.error());
        return std::move(recovered->changes);
      },
      [=, this](const Result<void>& stored) {
        recovering_ -= revoke ? 1 : 0;
        promise_.answered(ending, stored);
        if (!promise_.judge(tried, stored)) return;
        account->sessions.push_back({session, credential("a session of " + account->id)});
        Credential& life = *account->sessions.back().life;
        life.granted = true;
        life.forgotten = !alone || recoveries != recoveries_;
      });
}

std::optional<Story::Opened> Story::open(const std::shared_ptr<Account>& account) {
  const auto* session = pick(account->sessions);
  if (session == nullptr) return std::nullopt;
  return Opened{account, session->token, {account->life, session->life}};
}

void Story::change_as(const Opened& who, Decide decide, Done<void> done) {
  hub_.post(hub_.any_shard(),
            [this, who, decide = std::move(decide), done = std::move(done)]() mutable {
              const bool known = hub_->accounts().read([&](const core::Directory& directory) {
                return directory.find_session(sha256(who.token), read_clocks().wall) != nullptr;
              });
              if (!known) return done(fail(ErrorCode::unauthorized, "no such session"));
              change(std::move(decide), std::move(done));
            });
}

void Story::create_identity() {
  const auto* found = pick(accounts_);
  const auto who = found == nullptr ? std::nullopt : open(*found);
  if (!who) return;
  auto identity = std::make_shared<Identity>();
  identity->callsign = fmt::format("handle-{}", ++names_);
  identity->key = secret("rtid_");
  identity->account = who->account;
  handles_.insert(identity->callsign);
  const Promise::Attempt tried = promise_.attempt("a new identity", who->needs);
  change_as(
      *who,
      [this, identity](const core::Directory& directory,
                       Millis wall) -> Result<core::DirectoryChanges> {
        auto made = directory.create_identity(identity->account->id, identity->callsign,
                                              sha256(identity->key), core::HandlePolicy::free,
                                              random_, wall);
        if (!made) return std::unexpected(made.error());
        return std::move(made->changes);
      },
      [=, this](const Result<void>& stored) {
        if (!promise_.judge(tried, stored)) return;
        identity->life = credential("identity " + identity->callsign);
        identity->key_life = credential("the first key of " + identity->callsign);
        identity->welcome = credential("the welcome of " + identity->callsign);
        for (const Ref& right : {identity->life, identity->key_life, identity->welcome}) {
          right->granted = true;
        }
        identities_.push_back(identity);
      });
}

void Story::rotate() {
  const auto* found = pick(identities_);
  if (found == nullptr) return;
  const std::shared_ptr<Identity> identity = *found;
  const auto who = open(identity->account);
  if (!who || !rotating_.insert(identity->callsign).second) return;  // one at a time
  const std::string key = secret("rtid_");
  const Needs ending{identity->key_life};
  promise_.begun(ending);
  Needs needs = who->needs;
  needs.push_back(identity->life);
  const Promise::Attempt tried = promise_.attempt("rotation", needs);
  change_as(
      *who,
      [identity, key](const core::Directory& directory, Millis) {
        return directory.rotate_identity(identity->account->id, identity->callsign, sha256(key));
      },
      [=, this](const Result<void>& stored) {
        rotating_.erase(identity->callsign);
        promise_.answered(ending, stored);
        if (!promise_.judge(tried, stored)) return;
        identity->old_keys.emplace_back(identity->key, identity->key_life);
        identity->key = key;
        identity->key_life = credential("a later key of " + identity->callsign);
        identity->key_life->granted = true;
      });
}

void Story::delete_identity() {
  const auto* found = pick(identities_);
  if (found == nullptr) return;
  const std::shared_ptr<Identity> identity = *found;
  const auto who = open(identity->account);
  if (!who) return;
  const Needs ending{identity->life};
  Needs needs = who->needs;
  needs.push_back(identity->life);
  const Promise::Attempt tried = promise_.attempt("deletion of an identity", needs);
  promise_.begun(ending);
  // Now and then the process ends on the way, where every step counts.
  if (random_.below(3) == 0) steps_to_crash_ = 1 + random_.below(60);
  unanswered_.push_back(identity->account);
  change_as(
      *who,
      [identity](const core::Directory& directory, Millis) {
        return directory.remove_identity(identity->account->id, identity->callsign);
      },
      [=, this](const Result<void>& stored) {
        unanswered_.erase(std::ranges::find(unanswered_, identity->account));
        promise_.answered(ending, stored);
        promise_.judge(tried, stored);
      });
}

void Story::delete_account() {
  if (accounts_.size() < 2 || random_.below(2) == 0) return;
  close_account(accounts_[random_.below(accounts_.size())]);
}

void Story::close_account(const std::shared_ptr<Account>& account) {
  const auto who = open(account);
  if (!who) return;
  const Needs ending{account->life};
  const Promise::Attempt tried = promise_.attempt("deletion of an account", who->needs);
  promise_.begun(ending);
  change_as(
      *who,
      [account](const core::Directory& directory, Millis) {
        return directory.remove_account(account->id);
      },
      [=, this](const Result<void>& stored) {
        promise_.answered(ending, stored);
        promise_.judge(tried, stored);
      });
}

// As the admin API does it.
void Story::ban() {
  const auto* found = pick(identities_);
  if (found == nullptr) return;
  const std::shared_ptr<Identity> identity = *found;
  if (!banning_.insert(identity->callsign).second) return;  // one at a time
  const core::Target target{core::TargetKind::identity, identity->callsign, {}, {}};
  core::AuditEntry entry;
  entry.target = identity->callsign;
  const std::uint32_t asking = hub_.any_shard();
  if (identity->banned) return unban(identity, target, entry);
  const Needs ending{identity->welcome};
  promise_.begun(ending);
  hub_->bans().put(asking, {target, "no reason", 0}, entry,
                   [=, this](const Result<std::size_t>& done) {
                     if (!done) return banned(identity, ending, std::unexpected(done.error()));
                     banned(identity, ending, {});
                   });
}

void Story::banned(const std::shared_ptr<Identity>& identity, const Needs& ending,
                   const Result<void>& result) {
  banning_.erase(identity->callsign);
  identity->banned = identity->banned || result.has_value();
  promise_.answered(ending, result);
}

// From the first moment of it on, nothing is promised to either side until it is answered.
void Story::unban(const std::shared_ptr<Identity>& identity, const core::Target& target,
                  const core::AuditEntry& entry) {
  identity->welcome->revoked = false;
  identity->welcome = credential("the end of the ban on " + identity->callsign);
  hub_->bans().remove(hub_.any_shard(), target, entry, [=, this](const Result<void>& stored) {
    banning_.erase(identity->callsign);
    if (!stored) return;
    identity->banned = false;
    identity->welcome->granted = true;
  });
}

}  // namespace rogerthat::hub::stories
