// What has been revoked opens nothing: random stories of accounts, identities, channels, joins,
// revocations, bans and crashes, over several shards that take turns as the seed says.
//
//   CREDENTIALS_SEED=42 unit_hub --gtest_filter='Credentials.*'    one story again
#include "credentials.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "hub/endings.h"
#include "seeded_hub.h"

namespace rogerthat::hub {
namespace {

class Story {
 public:
  Story(std::uint64_t seed, Counts& counts)
      : random_(seed), counts_(counts), hub_(random_, 2 + static_cast<std::uint32_t>(seed % 3)) {
    draw_habits();
  }

  void tell(int acts) {
    for (int act = 0; act < acts && !testing::Test::HasFailure(); ++act) {
      begin();
      for (std::uint64_t n = random_.below(pace_); n > 0; --n) hub_.step();
    }
    hub_.settle();
    promise_.check_streams();
  }

 private:
  template <class T>
  T* pick(std::vector<T>& from) {
    return from.empty() ? nullptr : &from[random_.below(from.size())];
  }
  std::string secret(std::string_view prefix) { return std::string(prefix) + random_.token(12); }

  // --- What may happen. How often is drawn anew for every story, so that some are about one thing.
  void draw_habits() {
    struct Act {
      void (Story::*begin)();
      unsigned often;
      bool opens = false;  // the way into the world: never rare
    };
    constexpr Act kActs[] = {
        {&Story::create_account, 1, true},
        {&Story::recover, 2},
        {&Story::create_identity, 3, true},
        {&Story::rotate, 2},
        {&Story::delete_identity, 1},
        {&Story::delete_account, 1},
        {&Story::create_channel, 2, true},
        {&Story::delete_channel, 1},
        {&Story::join, 5, true},
        {&Story::squat, 1},
        {&Story::come_back, 1},
        {&Story::send, 6, true},
        {&Story::listen, 1},
        {&Story::leave, 1},
        {&Story::ban, 1},
        {&Story::refuse_or_mend, 1},
        {&Story::crash, 1},
    };
    constexpr std::uint64_t kMost = 5;
    for (const Act& act : kActs) {
      const std::uint64_t habit = random_.below(kMost) + (act.opens ? kMost : 0);
      habits_.insert(habits_.end(), act.often * habit, act.begin);
    }
  }
  void begin() { (this->*habits_[random_.below(habits_.size())])(); }

  using Decide = Accounts::Decide;
  void change(Decide decide, Done<void> done) {
    hub_->accounts().change(hub_.any_shard(), std::move(decide), std::move(done));
  }

  void create_account() {
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

  void recover() {
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

  // An account as its session token opens it: looked up first, changed afterwards.
  struct Opened {
    std::shared_ptr<Account> account;
    std::string token;
    Needs needs;
  };
  std::optional<Opened> open(const std::shared_ptr<Account>& account) {
    const auto* session = pick(account->sessions);
    if (session == nullptr) return std::nullopt;
    return Opened{account, session->token, {account->life, session->life}};
  }
  void change_as(const Opened& who, Decide decide, Done<void> done) {
    hub_.post(hub_.any_shard(),
              [this, who, decide = std::move(decide), done = std::move(done)]() mutable {
                const bool known = hub_->accounts().read([&](const core::Directory& directory) {
                  return directory.find_session(sha256(who.token), read_clocks().wall) != nullptr;
                });
                if (!known) return done(fail(ErrorCode::unauthorized, "no such session"));
                change(std::move(decide), std::move(done));
              });
  }

  void create_identity() {
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

  void rotate() {
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

  void delete_identity() {
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
    change_as(
        *who,
        [identity](const core::Directory& directory, Millis) {
          return directory.remove_identity(identity->account->id, identity->callsign);
        },
        [=, this](const Result<void>& stored) {
          promise_.answered(ending, stored);
          promise_.judge(tried, stored);
        });
  }

  void delete_account() {
    if (accounts_.size() < 2 || random_.below(2) == 0) return;
    const auto* found = pick(accounts_);
    const auto who = found == nullptr ? std::nullopt : open(*found);
    if (!who) return;
    const Needs ending{who->account->life};
    const Promise::Attempt tried = promise_.attempt("deletion of an account", who->needs);
    promise_.begun(ending);
    change_as(
        *who,
        [account = who->account](const core::Directory& directory, Millis) {
          return directory.remove_account(account->id);
        },
        [=, this](const Result<void>& stored) {
          promise_.answered(ending, stored);
          promise_.judge(tried, stored);
        });
  }

  void create_channel() {
    auto channel = std::make_shared<Channel>();
    channel->durable = random_.below(2) == 0;
    if (const auto* owner = pick(accounts_)) channel->owner = *owner;
    const std::uint32_t shard = hub_.any_shard();
    hub_.post(shard, [this, shard, channel, open_to_all = random_.below(3) > 0] {
      core::ChannelOptions options;
      options.durable = channel->durable;
      options.require_identity = !open_to_all;
      options.loop_guard = core::LoopGuardMode::off;
      options.on_collision = core::OnCollision::reject;
      std::string token;
      core::ChannelRecord record = hub_->new_channel(options, shard, token);
      if (channel->owner) record.owner_account = channel->owner->id;
      channel->id = record.id;
      hub_->shard(shard).create(std::move(record), [this, channel](const auto& created) {
        if (!created) return;
        channel->life = credential("channel " + channel->id);
        channel->life->granted = true;
        channels_.push_back(channel);
      });
    });
  }

  Shard& home(const Channel& channel) { return hub_->shard(hub_->shard_of_channel(channel.id)); }
  void on_channel(const std::shared_ptr<Channel>& channel, std::move_only_function<void()> job) {
    hub_.post(hub_->shard_of_channel(channel->id), std::move(job));
  }
  static Error no_channel() { return {ErrorCode::not_found, "no such channel"}; }

  void delete_channel() {
    const auto* found = pick(channels_);
    if (found == nullptr || random_.below(2) == 0) return;
    const std::shared_ptr<Channel> channel = *found;
    const Needs ending{channel->life};
    promise_.begun(ending);
    on_channel(channel, [this, channel, ending] {
      Shard& shard = home(*channel);
      ChannelEntry* const entry = shard.find(channel->id);
      if (entry == nullptr) return promise_.answered(ending, std::unexpected(no_channel()));
      shard.remove(*entry);
      shard.when_stored([this, ending, &shard] {
        // A disk that refuses has not forgotten the channel.
        if (shard.store_healthy()) promise_.answered(ending, {});
      });
    });
  }

  // As the api room joins: the key is looked up at the moment of joining.
  void join_with(const std::shared_ptr<Channel>& channel, const std::string& key,
                 core::JoinCommand command, Done<JoinReply> done) {
    on_channel(channel, [this, channel, key, command = std::move(command),
                         done = std::move(done)]() mutable {
      Shard& shard = home(*channel);
      ChannelEntry* const entry = shard.find(channel->id);
      if (entry == nullptr) return done(std::unexpected(no_channel()));
      if (!key.empty()) {
        const bool known = hub_->accounts().read([&](const core::Directory& directory) {
          const core::IdentityRecord* identity = directory.find_key(sha256(key));
          if (identity == nullptr) return false;
          command.callsign = identity->callsign;
          command.identity_account = identity->account;
          return true;
        });
        if (!known) return done(fail(ErrorCode::unauthorized, "no such key"));
      }
      command.handles = &hub_->accounts();
      command.new_session_id = secret("session-");
      shard.join(*entry, std::move(command), std::move(done));
    });
  }

  void add_session(const std::shared_ptr<Channel>& channel, const JoinReply& reply, Needs needs,
                   bool has_identity) {
    // The same id again is the same session, or takes the place of one that has ended.
    Ref life = credential(fmt::format("a session of {}", reply.callsign));
    life->granted = true;
    const auto same = std::ranges::find_if(sessions_, [&](const Session& other) {
      return other.channel == channel && other.id == reply.session_id;
    });
    if (same != sessions_.end()) {
      if (!same->life->revoked) life = same->life;
      sessions_.erase(same);
    }
    needs.push_back(life);
    sessions_.push_back(
        {reply.session_id, reply.callsign, channel, std::move(needs), life, has_identity});
  }

  void join() {
    const auto* where = pick(channels_);
    const auto* who = pick(identities_);
    if (where == nullptr || who == nullptr) return;
    const std::shared_ptr<Channel> channel = *where;
    const std::shared_ptr<Identity> identity = *who;
    std::string key = identity->key;
    Ref key_life = identity->key_life;
    if (const auto* old = pick(identity->old_keys); old != nullptr && random_.below(2) == 0) {
      std::tie(key, key_life) = *old;
    }
    const Needs needs{channel->life, identity->account->life, identity->life, key_life,
                      identity->welcome};
    const Promise::Attempt tried = promise_.attempt("a join with " + key_life->name, needs);
    join_with(channel, key, {}, [=, this](const Result<JoinReply>& reply) {
      // Another join of the same callsign may have been answered, and left, in between.
      if (!judge_join(tried, reply)) return;
      EXPECT_EQ(reply->callsign, identity->callsign);
      add_session(channel, *reply, needs, true);
    });
  }
  bool judge_join(Promise::Attempt tried, const Result<JoinReply>& reply) {
    if (!reply && (reply.error().code == ErrorCode::not_joined ||
                   reply.error().code == ErrorCode::session_expired)) {
      tried.promised = false;
    }
    return promise_.judge(tried, reply);
  }

  // Without a key: never under a handle, be it live or retired.
  void squat() {
    const auto* where = pick(channels_);
    const auto* who = pick(identities_);
    if (where == nullptr || who == nullptr) return;
    core::JoinCommand command;
    command.callsign = (*who)->callsign;
    const std::string callsign = (*who)->callsign;
    join_with(*where, {}, std::move(command), [callsign](const Result<JoinReply>& reply) {
      EXPECT_FALSE(reply && reply->callsign == callsign) << callsign << " is taken without its key";
    });
  }

  // With a session id alone, of a session that may have ended.
  void come_back() {
    const Session* const session = pick(sessions_);
    if (session == nullptr || !session->has_identity) return;
    core::JoinCommand command;
    command.session_id = session->id;
    if (random_.below(2) == 0) command.callsign = fmt::format("guest-{}", ++names_);
    const auto channel = session->channel;
    const Needs needs = session->needs;
    const Promise::Attempt tried =
        promise_.attempt("a return as " + session->callsign, needs, false);
    join_with(channel, {}, std::move(command), [=, this](const Result<JoinReply>& reply) {
      if (!reply) return;
      // It may come as somebody else, who has no identity.
      if (!handles_.contains(reply->callsign)) return forget_session(channel, reply->session_id);
      promise_.judge(tried, reply);
    });
  }
  void forget_session(const std::shared_ptr<Channel>& channel, const std::string& id) {
    std::erase_if(sessions_, [&](const Session& session) {
      return session.channel == channel && session.id == id;
    });
  }

  // The id of a session that has ended may have come back for a guest.
  static bool is_somebody_else(const ChannelEntry& entry, core::SessionNo session,
                               std::string_view callsign) {
    return entry.channel.callsign_of(entry.channel.session(session).member) != callsign;
  }

  void send() {
    const Session* const session = pick(sessions_);
    if (session == nullptr) return;
    const Promise::Attempt tried =
        promise_.attempt("a send as " + session->callsign, session->needs);
    const auto channel = session->channel;
    on_channel(channel, [this, tried, channel, id = session->id, callsign = session->callsign] {
      Shard& shard = home(*channel);
      ChannelEntry* const entry = shard.find(channel->id);
      if (entry == nullptr)
        return (void)promise_.judge(tried, Result<void>(std::unexpected(no_channel())));
      const auto found = shard.session(*entry, id);
      if (!found) return (void)promise_.judge(tried, found);
      if (is_somebody_else(*entry, *found, callsign)) return;
      SendRequest request;
      request.command.session = *found;
      request.command.text = "hello";
      shard.send(*entry, std::move(request),
                 [this, tried](const Result<SendReply>& reply) { promise_.judge(tried, reply); });
    });
  }

  void listen() {
    const Session* const session = pick(sessions_);
    if (session == nullptr) return;
    const Promise::Attempt tried =
        promise_.attempt("a stream of " + session->callsign, session->needs);
    on_channel(session->channel, [this, tried, channel = session->channel, id = session->id,
                                  callsign = session->callsign] {
      Shard& shard = home(*channel);
      ChannelEntry* const entry = shard.find(channel->id);
      if (entry == nullptr)
        return (void)promise_.judge(tried, Result<void>(std::unexpected(no_channel())));
      const auto found = shard.session(*entry, id);
      if (found && is_somebody_else(*entry, *found, callsign)) return;
      if (!promise_.judge(tried, found)) return;
      ReceiveRequest request;
      request.session = *found;
      request.kind = core::ReaderKind::stream;
      shard.receive(*entry, request, promise_.add_stream(tried, callsign));
    });
  }

  void leave() {
    const Session* const session = pick(sessions_);
    if (session == nullptr) return;
    const Needs ending{session->life};
    promise_.begun(ending);
    on_channel(session->channel, [this, ending, channel = session->channel, id = session->id] {
      Shard& shard = home(*channel);
      ChannelEntry* const entry = shard.find(channel->id);
      if (entry == nullptr) return;
      shard.leave(*entry, id, [this, ending](const Result<bool>& left) {
        if (left && *left) promise_.answered(ending, {});
      });
    });
  }

  void refuse_or_mend() {
    if (hub_.disk_refuses()) return hub_.recover_disk();
    if (random_.below(3) == 0) hub_.refuse_disk();
  }

  // As the admin API does it.
  void ban() {
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
  void banned(const std::shared_ptr<Identity>& identity, const Needs& ending,
              const Result<void>& result) {
    banning_.erase(identity->callsign);
    identity->banned = identity->banned || result.has_value();
    promise_.answered(ending, result);
  }
  // From the first moment of it on, nothing is promised to either side until it is answered.
  void unban(const std::shared_ptr<Identity>& identity, const core::Target& target,
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

  void crash() {
    if (random_.below(4) > 0) return;
    ++counts_.crashes;
    promise_.forget_streams();
    rotating_.clear();
    banning_.clear();
    recovering_ = 0;
    hub_.crash();
    // Sessions on channels in memory have gone, and so has what was made but not answered.
    for (Session& session : sessions_) {
      if (!session.channel->durable) session.life->forgotten = true;
    }
  }

  SeededRandom random_;
  Counts& counts_;
  Promise promise_{counts_};
  const std::uint64_t pace_ = 4 + random_.below(30);  // steps of the hub between two acts
  std::vector<void (Story::*)()> habits_;
  std::vector<std::shared_ptr<Account>> accounts_;
  std::vector<std::shared_ptr<Identity>> identities_;
  std::vector<std::shared_ptr<Channel>> channels_;
  std::vector<Session> sessions_;
  std::set<std::string> handles_;
  std::set<std::string> rotating_;
  std::set<std::string> banning_;
  int recovering_ = 0;
  std::size_t recoveries_ = 0;
  int names_ = 0;
  SeededHub hub_;  // last: it ends before what its receivers are
};

void tell(std::uint64_t seed, Counts& counts) {
  SCOPED_TRACE(fmt::format("CREDENTIALS_SEED={}", seed));
  Story(seed, counts).tell(400);
}

TEST(Credentials, OpenNothingOnceTheyAreRevoked) {
  Counts counts;
  if (const char* chosen = std::getenv("CREDENTIALS_SEED")) {
    return tell(std::strtoull(chosen, nullptr, 10), counts);
  }
  const std::uint64_t first = std::random_device{}();
  constexpr std::uint64_t kStories = 150;
  for (std::uint64_t seed = first; seed < first + kStories && !HasFailure(); ++seed) {
    tell(seed, counts);
  }
  if (HasFailure()) return;
  // A story in which nothing happens proves nothing.
  EXPECT_GT(counts.granted, kStories * 20);
  EXPECT_GT(counts.refused, kStories * 5);
  EXPECT_GT(counts.revoked, kStories * 3);
  EXPECT_GT(counts.crashes, kStories / 2);
}

}  // namespace
}  // namespace rogerthat::hub
