// Credentials as somebody outside of the hub knows them, and the promise that is held: what has
// been revoked opens nothing: accounts, identities, channels and sessions as they were told of, and
// the judgement of what succeeds and what is refused.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "hub/receiver.h"

namespace rogerthat::hub::stories {

// A secret, or the right to be somewhere. Between the begin of a revocation and its answer nobody
// outside can know.
struct Credential {
  bool granted = false;    // whoever made it has been told
  int revocations = 0;     // begun, and not refused since
  bool revoked = false;    // ... and whoever asked for it has been told
  bool forgotten = false;  // went with a process; no promise is held
  std::string name;
};
using Ref = std::shared_ptr<Credential>;
using Needs = std::vector<Ref>;

inline Ref credential(std::string name) {
  auto made = std::make_shared<Credential>();
  made->name = std::move(name);
  return made;
}

struct Account {
  std::string id, recovery;
  Ref life;
  struct Session {
    std::string token;
    Ref life;
  };
  std::vector<Session> sessions;
};
struct Identity {
  std::string callsign, key;
  std::shared_ptr<Account> account;
  Ref life, key_life;
  Ref welcome;  // ends with a ban
  bool banned = false;
  std::vector<std::pair<std::string, Ref>> old_keys;
};
struct Channel {
  std::string id;
  bool durable = false;
  std::shared_ptr<Account> owner;
  Ref life;
  std::set<std::string> protected_callsigns;  // identities have joined under them
};
struct Session {
  std::string id, callsign;
  std::shared_ptr<Channel> channel;
  Needs needs;  // all that it lives by
  Ref life;
  bool has_identity = false;
};

// A stream that must be told when its session ends, and brings nothing after that.
class Stream final : public Receiver {
 public:
  Stream(Needs needs, std::string who) : needs_(std::move(needs)), who_(std::move(who)) {}
  void begins(const ChannelEntry&, std::size_t) override {}
  bool deliver(const Delivery&) override {
    for (const Ref& need : needs_) {
      EXPECT_FALSE(need->revoked) << who_ << " gets a message after the end of " << need->name;
    }
    return true;
  }
  bool announce(const Presence&) override { return true; }
  void ping() override {}
  void end(EndReason) override { open = false; }
  bool acknowledged() const override { return true; }

  void check() const {
    if (!open) return;
    for (const Ref& need : needs_) {
      EXPECT_FALSE(need->revoked) << who_ << " still listens after the end of " << need->name;
    }
  }
  bool open = true;

 private:
  Needs needs_;
  std::string who_;
};

struct Counts {
  std::size_t granted = 0;  // actions that had to succeed, and did
  std::size_t refused = 0;  // ... that had to be refused, and were
  std::size_t revoked = 0;  // revocations
  std::size_t crashes = 0;
};

// Holds the promise over one story.
class Promise {
 public:
  explicit Promise(Counts& counts) : counts_(counts) {}

  // What somebody tries. It knows what it needs, and what of that has ended, from before it begins.
  struct Attempt {
    std::string what;
    Needs needs;
    Ref hopeless;           // had ended before
    bool promised = false;  // has to succeed, unless the disk or a revocation comes between
  };
  static Attempt attempt(std::string what, Needs needs, bool promised = true) {
    Attempt out{std::move(what), std::move(needs), nullptr, promised};
    for (const Ref& need : out.needs) {
      if (need->revoked) out.hopeless = need;
    }
    return out;
  }
  static bool stands(const Attempt& tried) {
    return std::ranges::all_of(tried.needs, [](const Ref& need) {
      return need->granted && need->revocations == 0 && !need->forgotten;
    });
  }
  template <class T>
  bool judge(const Attempt& tried, const Result<T>& result) {
    if (result) {
      EXPECT_FALSE(tried.hopeless && tried.hopeless->revoked)
          << tried.what << " succeeds with " << (tried.hopeless ? tried.hopeless->name : "");
      ++counts_.granted;
      return true;
    }
    if (tried.hopeless) ++counts_.refused;
    const bool excused = result.error().code == ErrorCode::unavailable;
    EXPECT_FALSE(tried.promised && stands(tried) && !excused)
        << tried.what << " is refused: " << result.error().message;
    return false;
  }
  // A revocation is under way from `begun` on; what it is for has ended when it is answered.
  static void begun(const Needs& ending) {
    for (const Ref& one : ending) ++one->revocations;
  }
  void answered(const Needs& ending, const Result<void>& result) {
    if (!result) {
      // Refused by the disk it may still come to be; refused by a rule it does not.
      if (result.error().code == ErrorCode::unavailable) return;
      for (const Ref& one : ending) --one->revocations;
      return;
    }
    ++counts_.revoked;
    for (const Ref& one : ending) one->revoked = true;
    check_streams();
  }

  Stream& add_stream(const Attempt& opened, std::string who) {
    streams_.push_back(std::make_unique<Stream>(opened.needs, std::move(who)));
    return *streams_.back();
  }
  void forget_streams() { streams_.clear(); }
  void check_streams() const {
    for (const auto& stream : streams_) stream->check();
  }

 private:
  Counts& counts_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace rogerthat::hub::stories
