#include "mcp/session_directory.h"

#include <algorithm>
#include <utility>

#include "base/flat_index.h"

namespace rogerthat::mcp {

namespace {
constexpr std::size_t kIdBytes = 24;  // of randomness
}

// Keyed per process: nobody outside can choose ids that collide.
std::size_t SessionDirectory::Hash::operator()(std::string_view text) const {
  return keyed_hash(text);
}

SessionDirectory::~SessionDirectory() {
  for (std::size_t i = 0; i < kStripes; ++i) {
    for (const auto& session : all_of(i)) remove(session);
  }
}

std::string SessionDirectory::new_id() {
  const std::lock_guard lock(mutex_);
  return random_.token(kIdBytes);
}

bool SessionDirectory::make_room(const net::IpAddress& address) {
  std::shared_ptr<Session> oldest;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(address);
    const std::size_t own = found == by_address_.end() ? 0 : found->second.size();
    if (own < limits_.per_address_max && size() < limits_.sessions_max) return true;
    if (own == 0) return false;
    for (Session* const session : found->second) {
      if (oldest && session->last_used() >= oldest->last_used()) continue;
      if (!session->busy()) oldest = session->shared_from_this();
    }
  }
  if (!oldest) return false;
  remove(oldest);
  return true;
}

void SessionDirectory::add(const net::IpAddress& address, const std::shared_ptr<Session>& session) {
  {
    const std::lock_guard lock(mutex_);
    by_address_[address].push_back(session.get());
  }
  Stripe& stripe = stripe_of(session->id());
  const std::lock_guard lock(stripe.mutex);
  stripe.sessions.emplace(session->id(), session);
  size_.fetch_add(1, std::memory_order_relaxed);
}

std::shared_ptr<Session> SessionDirectory::find(std::string_view id, std::string_view realm,
                                                std::optional<std::string_view> authorization) {
  std::shared_ptr<Session> session;
  {
    Stripe& stripe = stripe_of(id);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.sessions.find(id);
    if (found == stripe.sessions.end()) return nullptr;
    session = found->second;
  }
  const SessionOwner& owner = session->owner();
  if (owner.realm != realm) return nullptr;
  if (owner.authorization &&
      (!authorization || !equal_constant_time(sha256(*authorization), *owner.authorization))) {
    return nullptr;
  }
  return session;
}

void SessionDirectory::remove(const std::shared_ptr<Session>& session) {
  {
    Stripe& stripe = stripe_of(session->id());
    const std::lock_guard lock(stripe.mutex);
    if (stripe.sessions.erase(session->id()) == 0) return;
    size_.fetch_sub(1, std::memory_order_relaxed);
  }
  {
    const std::lock_guard lock(mutex_);
    const net::IpAddress address{session->owner().address};
    const auto found = by_address_.find(address);
    if (found != by_address_.end()) {
      std::erase(found->second, session.get());
      if (found->second.empty()) by_address_.erase(found);
    }
  }
  session->end();
}

std::vector<std::shared_ptr<Session>> SessionDirectory::all_of(std::size_t stripe) {
  std::vector<std::shared_ptr<Session>> sessions;
  const std::lock_guard lock(stripes_[stripe].mutex);
  sessions.reserve(stripes_[stripe].sessions.size());
  for (const auto& [id, session] : stripes_[stripe].sessions) sessions.push_back(session);
  return sessions;
}

void SessionDirectory::sweep(std::size_t stripe, Millis steady_now) {
  for (const auto& session : all_of(stripe)) {
    if (session->busy()) {
      session->touch(steady_now);
      continue;
    }
    const Millis limit =
        session->state() ? session->state()->idle_limit() : SessionState().idle_limit();
    if (steady_now - session->last_used() >= limit) remove(session);
  }
}

}  // namespace rogerthat::mcp
