// What the loops of one server share. Options, the handler, limits over all loops and
// the certificate. Everything in it is constant or safe from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "net/connection_limits.h"
#include "net/proxies.h"
#include "net/server.h"
#include "net/tls.h"

namespace rogerthat::net {

class ServerLoop;

struct ServerState {
  ServerState(ServerOptions server_options, Handler& room_above);
  ~ServerState();

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
