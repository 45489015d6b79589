// The HTTP side of the hub: takes a request from the net room, finds its route, its channel and the
// shard that owns it, and hands it to the route's handler. What
// the routes do is theirs (rest/, one file a family).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/api_options.h"
#include "api/http/request_context.h"
#include "hub/hub.h"
#include "net/server.h"
#include "watch/overview.h"

namespace rogerthat::api {

class Api final : public net::Handler {
 public:
  // `loops`: the loop of each shard, by shard number.
  Api(ApiOptions options, hub::Hub& hub, std::vector<net::Loop*> loops);
  ~Api() override;
  // Any thread: says goodbye to MCP clients, sends no further webhook.
  void begin_drain();
  bool drained() const;  // no webhook is on its way; any thread
  void set_server(net::Server* server) { services_.server = server; }  // for /metrics

  void handle(const net::Request& request, net::Exchange exchange) override;
  void admit_body(const net::Request& request, net::Exchange exchange) override;
  std::size_t body_limit(net::Method method, std::string_view path) override;
  std::string refusal_body(int status, std::string_view reason) override;

 private:
  struct PerShard;
  // How much of a request is there. A head alone goes the same way, up to its handler.
  enum class Arrived : std::uint8_t { head, whole };

  void take(const net::Request& request, net::Exchange exchange, Arrived arrived);
  std::uint32_t current_shard() const;
  const HostVerdict& check_hosts(PerShard& here, const net::Request& request,
                                 const KnownHeaders& headers) const;
  void route(Call& call, Arrived arrived);
  void answer_unknown_path(Call& call);
  void answer_unknown_edition(Call& call);
  void answer_wrong_method(Call& call);

  const ApiOptions options_;
  const HostRules host_rules_;
  const CorsPolicy cors_;
  const Router router_;
  watch::RequestCounters counters_;
  watch::RateMeter rates_;
  Services services_;
  std::vector<std::unique_ptr<PerShard>> per_shard_;
  std::unique_ptr<outbox::Mailer> mailer_;  // null: no mail server is set
  hub::PasswordGuesses password_guesses_;
  std::unique_ptr<McpService> mcp_;
  std::unique_ptr<outbox::WebhookService> webhooks_;
};

}  // namespace rogerthat::api
