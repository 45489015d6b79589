// One story: what happens to accounts, identities, channels and sessions of a hub, drawn from a
// seed: what a story knows. Acts on accounts and identities are in credentials_accounts.cpp, those
// on channels and sessions in credentials_channels.cpp.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/crypto.h"
#include "credentials.h"
#include "seeded_hub.h"

namespace rogerthat::hub::stories {

class Story {
 public:
  Story(std::uint64_t seed, Counts& counts)
      : random_(seed), counts_(counts), hub_(random_, 2 + static_cast<std::uint32_t>(seed % 3)) {
    draw_habits();
  }

  void tell(int acts);

 private:
  template <class T>
  T* pick(std::vector<T>& from) {
    return from.empty() ? nullptr : &from[random_.below(from.size())];
  }
  std::string secret(std::string_view prefix) { return std::string(prefix) + random_.token(12); }

  void draw_habits();
  void begin() { (this->*habits_[random_.below(habits_.size())])(); }

  using Decide = Accounts::Decide;
  void change(Decide decide, Done<void> done) {
    hub_->accounts().change(hub_.any_shard(), std::move(decide), std::move(done));
  }

  void create_account();
  void recover();
  // An account as its session token opens it: looked up first, changed afterwards.
  struct Opened {
    std::shared_ptr<Account> account;
    std::string token;
    Needs needs;
  };
  std::optional<Opened> open(const std::shared_ptr<Account>& account);
  void change_as(const Opened& who, Decide decide, Done<void> done);
  void create_identity();
  void rotate();
  void delete_identity();
  void delete_account();
  void close_account(const std::shared_ptr<Account>& account);

  void create_channel();
  Shard& home(const Channel& channel) { return hub_->shard(hub_->shard_of_channel(channel.id)); }
  void on_channel(const std::shared_ptr<Channel>& channel, std::move_only_function<void()> job) {
    hub_.post(hub_->shard_of_channel(channel->id), std::move(job));
  }
  static Error no_channel() { return {ErrorCode::not_found, "no such channel"}; }

  void delete_channel();
  void join_with(const std::shared_ptr<Channel>& channel, const std::string& key,
                 core::JoinCommand command, Done<JoinReply> done);
  void add_session(const std::shared_ptr<Channel>& channel, const JoinReply& reply, Needs needs,
                   bool has_identity);
  void join();
  bool judge_join(Promise::Attempt tried, const Result<JoinReply>& reply);
  void squat();
  void come_back();
  void forget_session(const std::shared_ptr<Channel>& channel, const std::string& id);
  static bool is_somebody_else(const ChannelEntry& entry, core::SessionNo session,
                               std::string_view callsign);
  void send();
  void listen();
  void leave();

  void refuse_or_mend();
  void ban();
  void banned(const std::shared_ptr<Identity>& identity, const Needs& ending,
              const Result<void>& result);
  void unban(const std::shared_ptr<Identity>& identity, const core::Target& target,
             const core::AuditEntry& entry);
  void crash();
  void crash_now();

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
  std::vector<std::shared_ptr<Account>> unanswered_;  // of whose identities one is being deleted
  std::uint64_t steps_to_crash_ = 0;                  // 0: none is near
  std::set<std::string> rotating_;
  std::set<std::string> banning_;
  int recovering_ = 0;
  std::size_t recoveries_ = 0;
  int names_ = 0;
  SeededHub hub_;  // last: it ends before what its receivers are
};

}  // namespace rogerthat::hub::stories
