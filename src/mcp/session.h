// Sessions of legacy clients over HTTP: who they are, what was negotiated, what runs and what is
// watched. Lives here: the session and the bounded directory of all of them, shared by all threads.
// A session id finds a session and proves nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "mcp/application.h"

namespace rogerthat::mcp {

// What ties a session to who opened it. Requests that differ in any of it do not find the session.
struct SessionOwner {
  std::string realm;                       // the endpoint: "" or a channel
  std::optional<Digest> authorization;     // of the Authorization header it was opened with
  std::array<std::uint8_t, 16> address{};  // for the bound per address; not compared
};

class Session {
 public:
  std::string_view id() const { return id_; }
  std::string_view revision() const { return revision_; }
  SessionState* state() const { return state_.get(); }

  // Further members are the protocol's own (see session.cpp and http_endpoint.cpp).
 private:
  friend class SessionDirectory;
  std::string id_;
  std::string_view revision_;
  std::unique_ptr<SessionState> state_;
};

struct SessionLimits {
  std::size_t sessions_max = 100'000;
  std::size_t per_address_max = 1'000;
};

}  // namespace rogerthat::mcp
