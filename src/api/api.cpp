#include "api/api.h"

#include "api/access/banned.h"
#include "api/documents/discovery.h"
#include "api/documents/document_routes.h"
#include "api/http/edition.h"
#include "api/http/errors.h"
#include "api/outbox/mailer.h"
#include "api/outbox/webhook_service.h"
#include "api/rest/account_email.h"
#include "api/rest/accounts.h"
#include "api/rest/admin.h"
#include "api/rest/channels.h"
#include "api/rest/dm.h"
#include "api/rest/join.h"
#include "api/rest/messages.h"
#include "api/rest/operations.h"
#include "api/rest/receive.h"
#include "api/rest/remote_control.h"
#include "api/rest/roster.h"
#include "api/rest/send.h"
#include "api/rest/transcript.h"
#include "api/rest/webhooks.h"
#include "api/tools/endpoint.h"
#include "net/loop.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kBodyMax = 128 << 10;
constexpr std::size_t kChannelsGuessedMax = 10'000;
constexpr std::size_t kLargeBodyMax = 1 << 20;  // attachments

bool changes_state(net::Method method) {
  return method != net::Method::get && method != net::Method::head &&
         method != net::Method::options;
}

// Answers of its own while the hub starts.
bool knows_starting(const Route& route) {
  return route.id == RouteId::healthz || route.id == RouteId::readyz || is_mcp(route);
}

mcp::HttpOptions mcp_options(const Services& services) {
  mcp::HttpOptions options;
  options.loops = services.loops;
  options.answered = [&counters = services.counters](std::uint32_t shard, int status) {
    counters.count(shard, &route(RouteId::mcp), status);
  };
  return options;
}

Error foreign_host() {
  return {ErrorCode::forbidden, "This server does not answer to that Host.",
          "Use its own name or address; the operator adds further names with --allowed-host."};
}

Error foreign_origin() {
  return {ErrorCode::forbidden, "Pages of that origin may not change anything here.",
          "The operator allows further origins in the configuration."};
}

void dispatch(Call& call) {
  switch (call.match.route->id) {
    case RouteId::create_channel:
      return create_channel(call);
    case RouteId::channel_info:
      return channel_info(call);
    case RouteId::bands:
      return list_bands(call);
    case RouteId::join:
      return join(call);
    case RouteId::keepalive:
      return keepalive(call);
    case RouteId::leave:
      return leave(call);
    case RouteId::send:
      return send(call);
    case RouteId::listen:
      return listen(call);
    case RouteId::wait:
      return wait(call);
    case RouteId::stream:
      return stream(call);
    case RouteId::roster:
      return roster(call);
    case RouteId::history:
      return history(call);
    case RouteId::stats:
      return stats(call);
    case RouteId::transcript:
      return transcript(call);
    case RouteId::message:
      return message(call);
    case RouteId::server_stats:
      return server_stats(call);
    case RouteId::healthz:
      return healthz(call);
    case RouteId::readyz:
      return readyz(call);
    case RouteId::metrics:
      return metrics(call);
    case RouteId::create_account:
      return create_account(call);
    case RouteId::recover_account:
      return recover_account(call);
    case RouteId::account:
      return show_account(call);
    case RouteId::delete_account:
      return delete_account(call);
    case RouteId::account_channels:
      return list_account_channels(call);
    case RouteId::delete_account_channel:
      return delete_account_channel(call);
    case RouteId::create_identity:
      return create_identity(call);
    case RouteId::identities:
      return list_identities(call);
    case RouteId::delete_identity:
      return delete_identity(call);
    case RouteId::rotate_identity:
      return rotate_identity(call);
    case RouteId::attach_email:
      return attach_email(call);
    case RouteId::verify_email:
      return verify_email(call);
    case RouteId::detach_email:
      return detach_email(call);
    case RouteId::recover_by_email:
      return recover_by_email(call);
    case RouteId::confirm_recovery:
      return confirm_recovery(call);
    case RouteId::dm_send:
      return dm_send(call);
    case RouteId::dm_inbox:
      return dm_inbox(call);
    case RouteId::dm_wait:
      return dm_wait(call);
    case RouteId::dm_stream:
      return dm_stream(call);
    case RouteId::dm_ack:
      return dm_ack(call);
    case RouteId::dm_block:
      return dm_block(call);
    case RouteId::dm_unblock:
      return dm_unblock(call);
    case RouteId::dm_blocked:
      return dm_blocked(call);
    case RouteId::remote_control:
      return open_remote_control(call);
    case RouteId::create_webhook:
    case RouteId::create_account_webhook:
      return create_webhook(call);
    case RouteId::webhooks:
    case RouteId::account_webhooks:
      return list_webhooks(call);
    case RouteId::delete_webhook:
    case RouteId::delete_account_webhook:
      return delete_webhook(call);
    case RouteId::rotate_webhook:
    case RouteId::rotate_account_webhook:
      return rotate_webhook(call);
    case RouteId::webhook_deliveries:
    case RouteId::account_webhook_deliveries:
      return list_deliveries(call);
    case RouteId::admin_channels:
      return admin_channels(call);
    case RouteId::admin_overview:
      return admin_overview(call);
    case RouteId::admin_bans:
      return admin_bans(call);
    case RouteId::admin_audit:
      return admin_audit(call);
    case RouteId::admin_kick:
      return admin_kick(call);
    case RouteId::admin_ban:
      return admin_ban(call);
    case RouteId::admin_unban:
      return admin_unban(call);
    case RouteId::admin_close:
      return admin_close(call);
    case RouteId::admin_send:
      return admin_send(call);
    case RouteId::admin_stop:
      return admin_stop(call);
    case RouteId::home:
    case RouteId::llms_txt:
    case RouteId::info:
    case RouteId::mcp_descriptor:
    case RouteId::agent_card:
    case RouteId::policy:
    case RouteId::policy_text:
    case RouteId::robots:
    case RouteId::docs:
    case RouteId::openapi:
      return document(call);
    case RouteId::mcp:
    case RouteId::mcp_stream:
    case RouteId::mcp_end:
    case RouteId::channel_mcp:
    case RouteId::channel_mcp_stream:
    case RouteId::channel_mcp_end:
      return mcp_endpoint(call);
  }
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
      counters_(hub.shard_count()),
      rates_(read_clocks().steady),
      services_{options_,         hub,     counters_, SessionIds(options_.key),
                std::move(loops), nullptr, nullptr,   read_clocks()},
      wrong_passwords_({{kWrongPasswordsPerHour, kHour}}, kChannelsGuessedMax) {
  for (std::uint32_t i = 0; i < hub.shard_count(); ++i) {
    per_shard_.push_back(std::make_unique<PerShard>());
  }
  services_.wrong_passwords = &wrong_passwords_;
  if (options_.smtp) {
    mailer_ = std::make_unique<Mailer>(*options_.smtp, options_.site.public_origin);
    services_.mailer = mailer_.get();
  }
  mcp_ = std::make_unique<McpService>(services_, mcp_options(services_));
  services_.mcp = mcp_.get();
  services_.rates = &rates_;
  webhooks_ = std::make_unique<WebhookService>(services_);
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
  const std::uint32_t number = current_shard();
  hub::Shard& shard = services_.hub.shard(number);
  shard.set_now(services_.loops[number]->now());
  const KnownHeaders headers = read_headers(request);
  const HostVerdict& host = check_hosts(*per_shard_[number], request, headers);
  const PathPrefix prefix = split_edition_prefix(request.path);

  Call call{services_,
            shard,
            request,
            headers,
            router_.match(request.method, prefix.path),
            host.edition.mode != nullptr || host.edition.harness != nullptr,
            {},
            host.edition,
            Answer(std::move(exchange), counters_, number)};
  call.answer.set_route(call.match.route);
  if (auto ok = admit(call); !ok) return call.answer.error(ok.error());
  if (!host.allowed) {
    counters_.refuse(number, Refusal::foreign_host);
    return call.answer.error(foreign_host());
  }
  if (!prefix.name.empty()) {
    const core::Edition named = edition_named(prefix.name);
    if (named.mode != nullptr || named.harness != nullptr) {
      call.path_edition = prefix.name;
      call.edition = overlay(call.edition, named);
    }
  }
  if (!headers.origin.empty() &&
      !is_same_origin(headers.origin, request.host, options_.site.public_origin)) {
    const CorsOrigin* const allowed = cors_.find(headers.origin);
    call.answer.set_cors(allowed);
    const bool mcp = call.match.route != nullptr && is_mcp(*call.match.route);
    if (allowed == nullptr && (mcp || changes_state(request.method))) {
      counters_.refuse(number, Refusal::foreign_origin);
      return call.answer.error(foreign_origin());
    }
  }
  if (call.match.route != nullptr) return route(call);
  if (!call.match.path_known) return answer_unknown_path(call);
  answer_wrong_method(call);
}

void Api::route(Call& call) {
  hub::Hub& hub = services_.hub;
  if (!hub.ready() && !knows_starting(*call.match.route)) {
    return call.answer.error(unavailable("The hub is starting: it reads its store.", 1));
  }
  if (const std::string_view channel = call.match.channel(); !channel.empty()) {
    const std::uint32_t home = hub.shard_of_channel(channel);
    if (home != call.shard.number()) return call.answer.exchange().move_to(*services_.loops[home]);
  }
  if (call.match.route->auth == RouteAuth::admin) {
    if (auto ok = authorise_admin(call); !ok) return call.answer.error(ok.error());
  }
  dispatch(call);
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
  return match.route != nullptr && match.route->large_body ? kLargeBodyMax : kBodyMax;
}

std::string Api::refusal_body(int status, std::string_view reason) {
  return error_body(refusal(status, reason));
}

}  // namespace rogerthat::api
