// All sessions of legacy clients over HTTP, for all threads. Opening within bounds,
// finding by id, expiry. Finding takes one short lock of many; opening is rare and takes one more.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "mcp/session.h"
#include "net/address.h"

namespace rogerthat::mcp {

class SessionDirectory {
 public:
  static constexpr std::size_t kStripes = 64;

  explicit SessionDirectory(SessionLimits limits) : limits_(limits) {}
  ~SessionDirectory();

  // Room for one more of this address: its own oldest idle session goes where there is none.
  // Null: there is no room and nothing of its own to give up. `make` gets the new id.
  template <class Make>
  std::shared_ptr<Session> open(const net::IpAddress& address, Millis steady_now, Make make) {
    if (!make_room(address)) return nullptr;
    std::shared_ptr<Session> session = make(new_id());
    session->touch(steady_now);
    add(address, session);
    return session;
  }
  // Null: unknown, ended, or somebody else's.
  std::shared_ptr<Session> find(std::string_view id, std::string_view realm,
                                std::optional<std::string_view> authorization);
  void remove(const std::shared_ptr<Session>& session);  // and ends it
  // Ends what has been idle for too long in one stripe. In turn, all are looked at.
  void sweep(std::size_t stripe, Millis steady_now);
  template <class Visit>
  void each(Visit visit) {
    for (std::size_t i = 0; i < kStripes; ++i) {
      for (const auto& session : all_of(i)) visit(*session);
    }
  }
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  struct Stripe {
    std::mutex mutex;
    std::unordered_map<std::string_view, std::shared_ptr<Session>, Hash> sessions;  // by their id
  };

  bool make_room(const net::IpAddress& address);
  std::string new_id();
  void add(const net::IpAddress& address, const std::shared_ptr<Session>& session);
  Stripe& stripe_of(std::string_view id) { return stripes_[Hash{}(id) % kStripes]; }
  std::vector<std::shared_ptr<Session>> all_of(std::size_t stripe);

  const SessionLimits limits_;
  std::array<Stripe, kStripes> stripes_;
  std::atomic<std::size_t> size_{0};

  std::mutex mutex_;  // over what follows; taken before that of a stripe
  SystemRandom random_;
  // Whoever takes a session out of here holds it until then: what is listed is alive.
  std::unordered_map<net::IpAddress, std::vector<Session*>, net::IpAddressHash> by_address_;
};

}  // namespace rogerthat::mcp
