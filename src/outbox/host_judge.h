// Whether a webhook may lead to a host, asked when it is made. For one shard, on its loop: looks
// the name up, and does not wait for longer than whoever asks has patience.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "hub/shard.h"
#include "net/resolver.h"
#include "net/timers.h"

namespace rogerthat::outbox {

class HostJudge {
 public:
  static constexpr Millis kTimeMax = 5 * kSecond;  // of one look-up

  explicit HostJudge(net::Loop& loop) : resolver_(loop), timers_(loop) {}

  // Answered once, on the loop. `allowed`: what may be reached beside public addresses; it outlives
  // the answer.
  void judge(const std::string& host, const std::vector<net::IpNetwork>& allowed,
             hub::Done<void> done);
  // Whoever waits is answered, and nobody waits any more.
  void drain();

 private:
  struct Question {
    hub::Done<void> done;
    net::Timers::Id timer;
  };
  void answer(std::uint64_t number, Result<void> verdict);

  net::Resolver resolver_;
  net::Timers timers_;
  std::unordered_map<std::uint64_t, Question> questions_;
  std::uint64_t last_number_ = 0;
  bool draining_ = false;
};

}  // namespace rogerthat::outbox
