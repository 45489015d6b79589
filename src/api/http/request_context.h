// What a handler is given: the request, where it runs, and the right to answer. The
// value, and what is read off a request once for all. A Call dies when its handler returns; what
// must live longer (the Answer, a View) is moved or copied out of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/answer.h"
#include "api/http/api_options.h"
#include "api/http/host_check.h"
#include "api/http/router.h"
#include "api/http/session_ids.h"
#include "base/thread_random.h"
#include "hub/hub.h"
#include "hub/password_guesses.h"
#include "net/request.h"
#include "net/server.h"
#include "watch/request_counters.h"

namespace rogerthat::mcp {
class HttpEndpoint;
}
namespace rogerthat::outbox {
class Mailer;
class WebhookService;
}  // namespace rogerthat::outbox
namespace rogerthat::watch {
class RateMeter;
}

namespace rogerthat::api {

// The headers that routes look at, found in one pass. Empty: absent.
struct KnownHeaders {
  std::string_view host;  // as sent: Request::host may come from a proxy
  std::string_view authorization;
  std::string_view session_id;
  std::string_view origin;
  std::string_view accept;
  std::string_view hub_token;
  std::string_view owner_password;
  std::string_view identity_key;
  std::string_view last_event_id;
};
KnownHeaders read_headers(const net::Request& request);

class McpService;

struct Services {
  const ApiOptions& options;
  hub::Hub& hub;
  watch::RequestCounters& counters;
  SessionIds session_ids;
  std::vector<net::Loop*> loops;
  net::Server* server = nullptr;  // null: /metrics has no connection counts
  McpService* mcp = nullptr;
  Now started;
  outbox::WebhookService* webhooks = nullptr;
  const mcp::HttpEndpoint* mcp_http = nullptr;  // for its numbers
  watch::RateMeter* rates = nullptr;
  outbox::Mailer* mailer = nullptr;  // null: the operator has set no mail server
  hub::PasswordGuesses* password_guesses = nullptr;
  std::span<const Route> routes = {};  // the whole table
};

// Who calls, by an identity key.
struct IdentityCaller {
  std::string callsign;
  std::string account;
  Digest key{};  // its hash: by the time that something is done, it may have been revoked
};

struct Call {
  const Services& services;
  hub::Shard& shard;
  const net::Request& request;
  const KnownHeaders& headers;
  RouteMatch match;
  bool host_edition = false;      // a preset or harness stands in front of the host
  std::string_view path_edition;  // <name> of /m/<name>/, where it is one
  core::Edition edition;
  Answer answer;
  std::optional<IdentityCaller> identity = {};  // where the route is for its own inbox

  Now now() const { return shard.now(); }
  // The site as this caller sees it.
  View view() const;
  // Limits are off for direct loopback callers, unless the operator wants them.
  bool limited() const;
  // Somebody at this machine who speaks to it directly, and not a page, a proxy or a tunnel that
  // does. Never where the hub has a name that others use.
  bool at_this_machine() const;
};

// As Result<T>: the parameter as a number, or the sentence that names it. An empty one is 0.
Result<std::optional<double>> number_parameter(const Call& call, std::string_view name);
Result<std::optional<core::MessageId>> id_parameter(const Call& call, std::string_view name);
std::optional<core::MessageId> parse_id(std::string_view text);  // nullopt: not a number
// Clamped to 1..max; absent or junk: the default.
std::size_t count_parameter(const Call& call, std::string_view name, std::size_t fallback,
                            std::size_t max);

// A per-thread string to build one answer in. Whoever takes it must be done before anybody else
// does.
std::string& scratch();

}  // namespace rogerthat::api
