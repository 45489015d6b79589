#include "net/server.h"

#include <cerrno>
#include <csignal>
#include <utility>

#include <unistd.h>

#include "net/server_loop.h"
#include "net/server_state.h"

namespace rogerthat::net {

ServerState::ServerState(ServerOptions server_options, Handler& room_above)
    : options(std::move(server_options)),
      handler(room_above),
      proxies(options.trusted_proxies, options.client_address_header),
      limits(options.connections_max, options.connections_per_address_max) {}

ServerState::~ServerState() = default;

ServerLoop* ServerState::find(const Loop& loop) const {
  for (const auto& own : loops) {
    if (own && &own->loop == &loop) return own.get();
  }
  return nullptr;
}

struct Server::Impl {
  Impl(ServerOptions options, Handler& handler) : state(std::move(options), handler) {}

  ServerState state;
  int port = 0;
};

Server::Server(ServerOptions options, const std::vector<Loop*>& loops, Handler& handler)
    : impl_(std::make_unique<Impl>(std::move(options), handler)) {
  // OpenSSL writes without MSG_NOSIGNAL, and a closed peer is no reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  for (Loop* loop : loops) {
    impl_->state.loops.push_back(std::make_unique<ServerLoop>(impl_->state, *loop, loops.size()));
  }
}

Server::~Server() {
  // Ending a connection may call back into the rooms above, which may look at any loop's.
  for (auto& loop : impl_->state.loops) loop.reset();
}

Result<void> Server::listen() {
  ServerState& state = impl_->state;
  if (!state.options.tls_certificate_file.empty()) {
    auto tls = std::make_unique<TlsContext>();
    if (auto loaded = tls->load(state.options.tls_certificate_file, state.options.tls_key_file);
        !loaded) {
      return loaded;
    }
    state.tls = std::move(tls);
  }
  auto addresses = resolve_listen_address(state.options.host, state.options.port);
  if (!addresses) return std::unexpected(addresses.error());

  std::vector<std::vector<int>> fds(state.loops.size());
  int failed = 0;
  ListenAddress failed_address;
  for (ListenAddress& address : *addresses) {
    if (impl_->port != 0) set_port(address, impl_->port);
    auto opened = open_listeners(address, state.loops.size());
    if (!opened) {
      // A name may stand for an address that this machine does not have (::1 without IPv6).
      failed = opened.error();
      failed_address = address;
      if (failed == EADDRNOTAVAIL || failed == EAFNOSUPPORT) continue;
      break;
    }
    impl_->port = bound_port(opened->front());
    for (std::size_t i = 0; i < fds.size(); ++i) fds[i].push_back((*opened)[i]);
  }
  const bool missing_only = failed == EADDRNOTAVAIL || failed == EAFNOSUPPORT;
  if (failed != 0 && (!missing_only || fds.front().empty())) {
    for (const auto& of_loop : fds) {
      for (const int fd : of_loop) close(fd);
    }
    return std::unexpected(listen_error(failed_address, failed));
  }
  for (std::size_t i = 0; i < fds.size(); ++i) state.loops[i]->start(fds[i]);
  return {};
}

int Server::port() const {
  return impl_->port;
}

Result<void> Server::reload_tls() {
  const ServerState& state = impl_->state;
  if (!state.tls) return {};
  return state.tls->load(state.options.tls_certificate_file, state.options.tls_key_file);
}

void Server::begin_drain() {
  impl_->state.draining.store(true);
  for (const auto& loop : impl_->state.loops) loop->stop_listening();
}

bool Server::drained() const {
  return impl_->state.limits.open() == 0;
}

void Server::close_all() {
  for (const auto& loop : impl_->state.loops) loop->close_all();
}

void Server::close_clients(const std::function<bool(const IpAddress&)>& which) {
  for (const auto& loop : impl_->state.loops) loop->close_clients(which);
}

const ServerOptions& Server::options() const {
  return impl_->state.options;
}

ServerCounters Server::counters() const {
  ServerCounters sum;
  for (const auto& loop : impl_->state.loops) {
    const LoopCounters& c = loop->counters;
    sum.accepted += c.accepted.get();
    sum.closed += c.closed.get();
    sum.requests += c.requests.get();
    sum.bytes_in += c.bytes_in.get();
    sum.bytes_out += c.bytes_out.get();
    sum.refused_connections += c.refused_connections.get();
    sum.refused_requests += c.refused_requests.get();
    sum.timeouts += c.timeouts.get();
    sum.tls_failures += c.tls_failures.get();
    sum.accept_failures += c.accept_failures.get();
    sum.cut_off_for_memory += c.cut_off_for_memory.get();
    sum.ended_for_room += c.ended_for_room.get();
    sum.kept_input_bytes += loop->kept_input.get();
    sum.kept_output_bytes += loop->kept_output.get();
  }
  sum.open = impl_->state.limits.open();
  return sum;
}

}  // namespace rogerthat::net
