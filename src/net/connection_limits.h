// How many connections a server has, in all and by address, and who gives one up where there is no
// more room. The counting; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include "net/address.h"

namespace rogerthat::net {

class ConnectionLimits {
 public:
  enum class Verdict : std::uint8_t {
    admitted,
    in_place_of_another,  // one of `heaviest` has to go
    too_many,
    too_many_of_address,
  };
  struct Admission {
    Verdict verdict = Verdict::admitted;
    IpAddress heaviest = {};
  };
  // How many more than there may be are open for a moment: until those have ended on other loops in
  // whose place they are.
  static constexpr std::size_t kOverlap = 64;

  ConnectionLimits(std::size_t in_all, std::size_t per_address)
      : in_all_(in_all), per_address_(per_address) {}
  // `by_address` false: a trusted proxy, which speaks for many. All of them count as one address
  // that nothing is taken from.
  Admission admit(const IpAddress& peer, bool by_address);
  void release(const IpAddress& peer, bool by_address);
  std::size_t open() const { return open_.load(std::memory_order_acquire); }

 private:
  void change(const IpAddress& key, int by);

  const std::size_t in_all_;
  const std::size_t per_address_;
  std::atomic<std::size_t> open_{0};
  std::mutex mutex_;  // over the rest:
  std::unordered_map<IpAddress, std::uint32_t, IpAddressHash> by_address_;
  std::set<std::pair<std::uint32_t, IpAddress>> by_weight_;  // the same
  std::size_t counted_ = 0;                                  // their sum
};

}  // namespace rogerthat::net
