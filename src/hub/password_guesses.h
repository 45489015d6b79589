// How often the owner password of a channel may be wrong: who has to wait, and how long. A password
// that people choose is soon tried through, so tries are slowed down; but nobody's tries keep out
// somebody else for good:
//
// - From one address, or with one identity, a few wrong ones are free. Each further one has to wait
//   twice as long as the one before it, an hour at most. An hour without a wrong one forgives one.
// - Of all who are not known, a channel takes a few at once, and then one every few minutes: one
//   share is for those who have hardly tried that day, another for the rest, who can't use up the
//   first.
// - Who has given the right password before is known, by address and by identity. The second rule
//   is not for them: what strangers try does not hold them up.
//
// Bounded: at the bounds what was used longest ago is forgotten. In memory only. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace rogerthat::hub {

class PasswordGuesses {
 public:
  static constexpr std::uint32_t kFree = 5;  // wrong ones from one place without any wait
  static constexpr Millis kFirstWait = kMinute;
  static constexpr Millis kLongestWait = kHour;
  // What a channel takes of strangers: so many at once, then one in each interval.
  struct Share {
    std::int64_t at_once;
    Millis interval;
  };
  static constexpr Share kNewcomers{20, 6 * kMinute};
  static constexpr Share kOthers{10, 12 * kMinute};
  static constexpr std::uint32_t kNewcomersTries = 2;  // wrong ones in a day
  static constexpr std::size_t kChannelsMax = 10'000;
  static constexpr std::size_t kPlacesMax = 1'000;  // of a channel
  static constexpr std::size_t kKnownMax = 100;     // ... and of those who were right

  // Who tries. `address` is what one caller may use; `network` is what one owner has of addresses,
  // by which strangers count.
  struct Guesser {
    std::string channel;
    std::string address, network;
    std::string identity;  // of a key that is known here; empty: none
  };
  struct Count {
    std::uint32_t wrong = 0;
    Millis last = 0;           // steady; of the last wrong one
    Millis forgiven_from = 0;  // from here the hours count that forgive one each
    std::uint32_t of_day = 0;  // wrong ones since the day began
    Millis day = 0;
  };
  struct Try {
    Millis wait = 0;      // 0: it may be made, and has been counted as a wrong one
    Millis interval = 0;  // of the share of strangers that is used up; 0: why to wait is this one
    std::string place = {};        // by which it counts
    const Share* share = nullptr;  // null: known
    Count before = {};
  };

  Try begin(const Guesser& guesser, Millis steady);
  // It was right, or was not made after all: it does not count.
  void right(const Guesser& guesser, const Try& tried);
  void give_back(const Guesser& guesser, const Try& tried);

 private:
  struct Channel {
    std::string name;
    Millis newcomers_until = 0, others_until = 0;  // what is used up reaches so far ahead
    std::unordered_map<std::string, Count> places;
    std::list<std::string> known;  // the one that was right longest ago first
  };
  using Order = std::list<Channel>;  // the one used longest ago first

  Channel& channel(const std::string& name);
  static Millis& used_up(Channel& channel, const Share* share);
  static bool knows(const Channel& channel, const std::string& place);
  static void learn(Channel& channel, std::string place);
  static Count& count_of(Channel& channel, const std::string& place, Millis steady);
  void undo(const Guesser& guesser, const Try& tried);

  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> by_name_;
};

}  // namespace rogerthat::hub
