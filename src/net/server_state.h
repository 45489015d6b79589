// What the loops of one server share. Lives here: options, the handler, limits over all loops and
// the certificate. Everything in it is constant or safe from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "net/proxies.h"
#include "net/server.h"
#include "net/tls.h"

namespace rogerthat::net {

class ServerLoop;

// How many connections there are, in all and by address. Any thread.
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

struct ServerState {
  ServerState(ServerOptions o, Handler& h)
      : options(std::move(o)),
        handler(h),
        proxies(options.trusted_proxies, options.client_address_header),
        limits(options.connections_max, options.connections_per_address_max) {}

  const ServerOptions options;
  Handler& handler;
  const ProxyRules proxies;
  ConnectionLimits limits;
  std::unique_ptr<TlsContext> tls;  // null: plain
  std::atomic<bool> draining{false};
  std::vector<std::unique_ptr<ServerLoop>> loops;

  ServerLoop* find(const Loop& loop) const;  // null: not one of this server's
};

}  // namespace rogerthat::net
