// How many connections a server has, in all and by address. The counting; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "net/address.h"

namespace rogerthat::net {

class ConnectionLimits {
 public:
  enum class Verdict : std::uint8_t { admitted, too_many, too_many_of_address };

  ConnectionLimits(std::size_t in_all, std::size_t per_address)
      : in_all_(in_all), per_address_(per_address) {}
  // `by_address` false: a trusted proxy, which speaks for many.
  Verdict admit(const IpAddress& peer, bool by_address);
  void release(const IpAddress& peer, bool by_address);
  std::size_t open() const { return open_.load(std::memory_order_acquire); }

 private:
  const std::size_t in_all_;
  const std::size_t per_address_;
  std::atomic<std::size_t> open_{0};
  std::mutex mutex_;
  std::unordered_map<IpAddress, std::uint32_t, IpAddressHash> by_address_;
};

}  // namespace rogerthat::net
