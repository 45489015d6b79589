#include "api/api.h"

#include <fmt/format.h>

#include "api/access/accounts.h"
#include "api/access/banned.h"
#include "api/access/channel_caller.h"
#include "api/access/inboxes.h"
#include "api/documents/discovery.h"
#include "api/documents/document_routes.h"
#include "api/http/edition.h"
#include "api/http/errors.h"
#include "api/http/unknown_fields.h"
#include "api/rest/admin.h"
#include "api/routes.h"
#include "api/tools/endpoint.h"
#include "net/loop.h"
#include "outbox/hook_url.h"
#include "outbox/mailer.h"
#include "outbox/webhook_service.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kBodyMax = 128 << 10;
constexpr std::size_t kLargeBodyMax = 1 << 20;  // attachments

bool changes_state(net::Method method) {
  return method != net::Method::get && method != net::Method::head &&
         method != net::Method::options;
}

std::vector<std::string_view> names_of(std::span<const Route> table) {
  std::vector<std::string_view> names;
  for (const Route& row : table) names.push_back(row.name);
  return names;
}

// What becomes of an MCP request is known to the mcp room only, later than its handler.
mcp::HttpOptions mcp_options(const Services& services) {
  mcp::HttpOptions options;
  options.loops = services.loops;
  const auto row = &route_named(services.routes, "mcp") - services.routes.data();
  options.answered = [&counters = services.counters, row = static_cast<std::size_t>(row)](
                         std::uint32_t shard, int status) { counters.count(shard, row, status); };
  return options;
}

outbox::WebhookOptions webhook_options(const ApiOptions& options) {
  const auto& allowed = options.webhook_allow;
  return {.key = options.key,
          .networks = allowed,
          .networks_at_home =
              options.site.this_machine_only ? outbox::with_this_machine(allowed) : allowed,
          .user_agent = "rogerthat/" + options.site.version};
}

Error foreign_host() {
  return {ErrorCode::forbidden, "This server does not answer to that Host.",
          "Use its own name or address; the operator adds further names with --allowed-host."};
}

Error foreign_origin() {
  return {ErrorCode::forbidden, "Pages of that origin may not change anything here.",
          "The operator allows further origins in the configuration."};
}

// Whether the call runs where what it is about lives. False: it has been answered, or it has moved
// there and comes again.
bool at_home(Call& call) {
  switch (call.match.route->scope) {
    case Scope::anywhere:
      return true;
    case Scope::on_channel: {
      const std::uint32_t home = call.services.hub.shard_of_channel(call.match.channel());
      if (home == call.shard.number()) return true;
      call.answer.exchange().move_to(*call.services.loops[home]);
      return false;
    }
    case Scope::own_inbox: {
      auto owner = identity_of(call);
      if (!owner) {
        call.answer.error(owner.error());
        return false;
      }
      call.identity = std::move(*owner);
      return at_home_of(call, call.identity->callsign);
    }
  }
  return true;
}

// What needs no look at what the call is about; the rest is the handlers'.
Result<void> authorise_by_row(Call& call) {
  switch (call.match.route->auth) {
    case RouteAuth::admin:
      return authorise_admin(call);
    case RouteAuth::operations:
      return authorise_operations(call);
    default:
      return {};
  }
}

// What the caller shows, as far as it can be judged without the body. The handlers judge it again,
// and more of it.
Result<void> authorise_by_head(Call& call) {
  const auto without_value = [](auto&& found) -> Result<void> {
    if (!found) return std::unexpected(std::move(found.error()));
    return {};
  };
  const Route& row = *call.match.route;
  switch (row.auth) {
    case RouteAuth::none:
    case RouteAuth::operations:
    case RouteAuth::admin:
      return {};
    case RouteAuth::hub_token:
      return require_hub_token(asker(call), credentials(call));
    case RouteAuth::channel:
    case RouteAuth::session:
      if (row.handler == mcp_endpoint) return may_use_mcp(call);
      return without_value(channel_caller(call));
    case RouteAuth::account:
      return without_value(account_of(call));
    case RouteAuth::identity:
      if (call.identity) return {};
      return without_value(identity_of(call));
  }
  return {};
}

}  // namespace

// A caller's Host rarely changes from one request to the next: the last verdict is kept.
struct alignas(64) Api::PerShard {
  std::string host;
  std::string forwarded_host;
  HostVerdict verdict;
};

Api::Api(ApiOptions options, hub::Hub& hub, std::vector<net::Loop*> loops)
    : options_(std::move(options)),
      host_rules_(host_rules(options_.site.public_origin, options_.allowed_hosts,
                             options_.site.loopback_only)),
      cors_(options_.cors_origins),
      router_(routes()),
      counters_(hub.shard_count(), names_of(routes())),
      rates_(read_clocks().steady),
      services_{options_,         hub,     counters_, SessionIds(options_.key),
                std::move(loops), nullptr, nullptr,   read_clocks()} {
  for (std::uint32_t i = 0; i < hub.shard_count(); ++i) {
    per_shard_.push_back(std::make_unique<PerShard>());
  }
  services_.routes = routes();
  services_.password_guesses = &password_guesses_;
  if (options_.smtp) {
    mailer_ = std::make_unique<outbox::Mailer>(*options_.smtp, options_.site.public_origin);
    services_.mailer = mailer_.get();
  }
  mcp_ = std::make_unique<McpService>(services_, mcp_options(services_));
  services_.mcp = mcp_.get();
  services_.mcp_http = &mcp_->http();
  services_.rates = &rates_;
  webhooks_ =
      std::make_unique<outbox::WebhookService>(webhook_options(options_), hub, services_.loops);
  services_.webhooks = webhooks_.get();
}

Api::~Api() = default;

void Api::begin_drain() {
  mcp_->drain();
  webhooks_->drain();
}

bool Api::drained() const {
  return webhooks_->idle();
}

std::uint32_t Api::current_shard() const {
  const net::Loop* const here = net::Loop::current();
  std::uint32_t number = 0;
  while (number + 1 < services_.loops.size() && services_.loops[number] != here) ++number;
  return number;
}

// Both names count: the one that the proxy vouches for, and the one that the caller spoke to. A
// page that points its own name here could send the first, but not change the second.
const HostVerdict& Api::check_hosts(PerShard& here, const net::Request& request,
                                    const KnownHeaders& headers) const {
  if (here.host == headers.host && here.forwarded_host == request.host) return here.verdict;
  here.host = headers.host;
  here.forwarded_host = request.host;
  here.verdict = check_host(host_rules_, request.host);
  here.verdict.allowed = here.verdict.allowed && check_host(host_rules_, headers.host).allowed;
  return here.verdict;
}

void Api::handle(const net::Request& request, net::Exchange exchange) {
  take(request, std::move(exchange), Arrived::whole);
}

void Api::admit_body(const net::Request& request, net::Exchange exchange) {
  take(request, std::move(exchange), Arrived::head);
}

void Api::take(const net::Request& request, net::Exchange exchange, Arrived arrived) {
  const std::uint32_t number = current_shard();
  hub::Shard& shard = services_.hub.shard(number);
  shard.set_now(services_.loops[number]->now());
  const KnownHeaders headers = read_headers(request);
  const HostVerdict& host = check_hosts(*per_shard_[number], request, headers);
  const PathPrefix prefix = split_edition_prefix(request.path);
  const RouteMatch match = router_.match(request.method, prefix.path);

  Call call{services_,
            shard,
            request,
            headers,
            match,
            host.edition.mode != nullptr || host.edition.harness != nullptr,
            {},
            host.edition,
            Answer(std::move(exchange), counters_, number, router_.row_of(match))};
  if (auto ok = admit(call); !ok) return call.answer.error(ok.error());
  if (!host.allowed) {
    counters_.refuse(number, watch::RefusalReason::foreign_host);
    return call.answer.error(foreign_host());
  }
  if (!prefix.name.empty()) {
    const core::Edition named = edition_named(prefix.name);
    if (named.mode == nullptr && named.harness == nullptr) return answer_unknown_edition(call);
    call.path_edition = prefix.name;
    call.edition = overlay(call.edition, named);
  }
  if (!headers.origin.empty() &&
      !is_same_origin(headers.origin, request.host, options_.site.public_origin)) {
    const CorsOrigin* const allowed = cors_.find(headers.origin);
    call.answer.set_cors(allowed);
    const bool own_pages = match.route != nullptr && match.route->has(kOwnPagesOnly);
    if (allowed == nullptr && (own_pages || changes_state(request.method))) {
      counters_.refuse(number, watch::RefusalReason::foreign_origin);
      return call.answer.error(foreign_origin());
    }
  }
  if (match.route != nullptr) return route(call, arrived);
  if (!match.path_known) return answer_unknown_path(call);
  answer_wrong_method(call);
}

void Api::route(Call& call, Arrived arrived) {
  const Route& row = *call.match.route;
  if (!services_.hub.ready() && !row.has(kWhileStarting)) {
    return call.answer.error(unavailable("The hub is starting: it reads its store.", 1));
  }
  if (!at_home(call)) return;
  if (auto ok = authorise_by_row(call); !ok) return call.answer.error(ok.error());
  const bool whole = arrived == Arrived::whole;
  auto ok = whole ? check_parameters(call) : authorise_by_head(call);
  if (ok && whole) ok = check_needless_body(call);
  if (!ok) {
    if (row.has(kTellsLimit)) {
      call.answer.set_limit(send_limit(asker(call), hub::Limited::send, Counting::look));
    }
    return call.answer.error(ok.error());
  }
  if (!whole) return call.answer.exchange().await_body();
  row.handler(call);
}

void Api::answer_unknown_path(Call& call) {
  if (wants_page(call.headers.accept)) {
    net::Response page;
    page.status = 404;
    page.content_type = "text/html; charset=utf-8";
    page.body = not_found_page(call.view());
    return call.answer.respond(std::move(page));
  }
  call.answer.error(
      {ErrorCode::not_found, "There is nothing at this path.", "GET /llms.txt lists every route."});
}

// By a host of that name one comes to the default edition: it may be called so for other reasons.
void Api::answer_unknown_edition(Call& call) {
  if (wants_page(call.headers.accept)) return answer_unknown_path(call);
  call.answer.error(
      {ErrorCode::not_found, "There is no mode or harness of that name below /m/.",
       fmt::format("There are {}, and <harness>-<mode>, as in /m/codex-park/llms.txt.",
                   edition_names())});
}

void Api::answer_wrong_method(Call& call) {
  const std::string_view path = split_edition_prefix(call.request.path).path;
  std::string allow = router_.allow(path);
  const bool preflights = answers_preflight(path);
  if (preflights) allow += ", OPTIONS";
  if (preflights && call.request.method == net::Method::options) {
    return call.answer.respond(preflight_response(call.answer.cors(), std::move(allow)));
  }
  net::Response response =
      error_response({ErrorCode::method_not_allowed,
                      "This path does not answer " + std::string(call.request.method_name) + ".",
                      "Use one of: " + allow + "."});
  response.headers.emplace_back("Allow", std::move(allow));
  call.answer.respond(std::move(response));
}

std::size_t Api::body_limit(net::Method method, std::string_view path) {
  const RouteMatch match = router_.match(method, split_edition_prefix(path).path);
  return match.route != nullptr && match.route->has(kLargeBody) ? kLargeBodyMax : kBodyMax;
}

std::string Api::refusal_body(int status, std::string_view reason) {
  return error_body(refusal(status, reason));
}

}  // namespace rogerthat::api
