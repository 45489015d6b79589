// How often the owner password of a channel may be wrong. Lives here: who has to wait, and how
// long. A password that people choose is soon tried through, so tries are slowed down; but nobody's
// tries keep out somebody else for good:
//
// - From one address, or with one identity, a few wrong ones are free. Each further one has to wait
//   twice as long as the one before it, an hour at most. An hour without a wrong one forgives one.
// - Of all who are not known, a channel takes a few at once, and then one every few minutes.
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
  static constexpr std::uint32_t kStrangersAtOnce = 30;
  static constexpr Millis kStrangersInterval = 4 * kMinute;
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
  };
  struct Try {
    Millis wait = 0;            // 0: it may be made, and has been counted as a wrong one
    bool of_strangers = false;  // why to wait: too many strangers, and not this one
    std::string place = {};     // by which it counts
    bool known = false;
    Count before = {};
  };

  Try begin(const Guesser& guesser, Millis steady);
  // It was right, or was not made after all: it does not count.
  void right(const Guesser& guesser, const Try& tried);
  void give_back(const Guesser& guesser, const Try& tried);

 private:
  struct Channel {
    std::string name;
    Millis strangers_until = 0;  // what strangers have used up reaches so far ahead
    std::unordered_map<std::string, Count> places;
    std::list<std::string> known;  // the one that was right longest ago first
  };
  using Order = std::list<Channel>;  // the one used longest ago first

  Channel& channel(const std::string& name);
  static bool knows(const Channel& channel, const std::string& place);
  static void learn(Channel& channel, std::string place);
  static Count& count_of(Channel& channel, const std::string& place, Millis steady);
  void undo(const Guesser& guesser, const Try& tried);

  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> by_name_;
};

}  // namespace rogerthat::hub
