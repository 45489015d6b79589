#include "api/rest/operations.h"

#include "api/http/errors.h"
#include "base/json.h"
#include "watch/metrics.h"

namespace rogerthat::api {

namespace {

net::Response plain_text(std::string body,
                         std::string_view content_type = "text/plain; charset=utf-8") {
  net::Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

void fill_in(const Services& services, watch::MetricsInput& in) {
  hub::Hub& hub = services.hub;
  if (services.server != nullptr) {
    in.http = services.server->counters();
    in.http_options = services.server->options();
  }
  in.ready = hub.ready();
  in.draining = hub.draining();
  in.store_healthy = hub.store_healthy();
  in.requests = services.counters.requests();
  in.refusals = services.counters.refusals();
  in.worker_jobs_queued = hub.workers().queued();
  in.store = hub.store().stats();
  in.lifetime = hub.lifetime();
  in.process = watch::read_process_stats();
  in.webhooks = hub.webhooks().count();
  if (services.mcp_http != nullptr) in.mcp = services.mcp_http->stats();
}

}  // namespace

void server_stats(Call& call) {
  const store::LifetimeCounters counters = call.services.hub.lifetime();
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  json.field("channels_created", counters.channels_created);
  json.field("joins_total", counters.joins_total);
  json.field("messages_total", counters.messages_total);
  json.field("started_at", counters.started_at);
  json.end_object();
  call.answer.json(body);
}

void healthz(Call& call) {
  call.answer.respond(plain_text("ok\n"));
}

void readyz(Call& call) {
  hub::Hub& hub = call.services.hub;
  if (!hub.ready()) return call.answer.error(unavailable("The hub is reading its store.", 1));
  if (hub.draining()) return call.answer.error(unavailable("The hub is going down.", 5));
  hub.probe_store(call.shard.number(), [answer = std::make_shared<Answer>(std::move(call.answer))](
                                           Result<void> probed) {
    if (probed) {
      answer->respond(plain_text("ok\n"));
    } else {
      answer->error(unavailable("The store refuses to write: " + probed.error().message, 5));
    }
  });
}

void metrics(Call& call) {
  gather_metrics(
      call.services, call.shard,
      [answer = std::make_shared<Answer>(std::move(call.answer))](const watch::MetricsInput& in) {
        answer->respond(plain_text(watch::render_metrics(in), watch::kMetricsContentType));
      });
}

void gather_metrics(const Services& services, hub::Shard& shard,
                    std::move_only_function<void(const watch::MetricsInput&)> done) {
  watch::MetricsInput input;
  input.version = services.options.site.version;
  input.uptime = shard.now().steady - services.started.steady;
  services.hub.collect(shard.number(),
                       [&services, input = std::move(input),
                        done = std::move(done)](std::vector<hub::ShardStats> shards) mutable {
                         input.shards = std::move(shards);
                         fill_in(services, input);
                         done(input);
                       });
}

}  // namespace rogerthat::api
