#include "api/operations.h"

#include "api/auth.h"
#include "api/elsewhere.h"
#include "api/mcp_routes.h"
#include "api/metrics.h"
#include "base/json.h"

namespace rogerthat::api {

namespace {

net::Response text(std::string body, std::string_view content_type = "text/plain; charset=utf-8") {
  net::Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

struct Gathering {
  Answer answer;
  const Services& services;
  MetricsInput input;
};

void render(const std::shared_ptr<Gathering>& gathering) {
  hub::Hub& hub = gathering->services.hub;
  MetricsInput& in = gathering->input;
  if (gathering->services.server != nullptr) in.http = gathering->services.server->counters();
  in.ready = hub.ready();
  in.draining = hub.draining();
  in.store_healthy = hub.store_healthy();
  in.requests = gathering->services.counters.requests();
  in.refusals = gathering->services.counters.refusals();
  in.worker_jobs_queued = hub.workers().queued();
  in.store = hub.store().stats();
  in.lifetime = hub.lifetime();
  in.process = read_process_stats();
  if (gathering->services.mcp != nullptr) in.mcp = gathering->services.mcp->stats();
  gathering->answer.respond(text(render_metrics(in), kMetricsContentType));
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
  call.answer.respond(text("ok\n"));
}

void readyz(Call& call) {
  hub::Hub& hub = call.services.hub;
  if (!hub.ready()) return call.answer.error(unavailable("The hub is reading its store.", 1));
  if (hub.draining()) return call.answer.error(unavailable("The hub is going down.", 5));
  hub.probe_store(call.shard.number(), [answer = std::make_shared<Answer>(std::move(call.answer))](
                                           Result<void> probed) {
    if (probed) {
      answer->respond(text("ok\n"));
    } else {
      answer->error(unavailable("The store refuses to write: " + probed.error().message, 5));
    }
  });
}

void metrics(Call& call) {
  if (auto ok = authorise_operations(call); !ok) return call.answer.error(ok.error());
  auto gathering =
      std::make_shared<Gathering>(std::move(call.answer), call.services, MetricsInput());
  gathering->input.version = call.services.options.site.version;
  gathering->input.uptime = call.now().steady - call.services.started.steady;
  call.services.hub.collect(call.shard.number(), [gathering](std::vector<hub::ShardStats> shards) {
    gathering->input.shards = std::move(shards);
    render(gathering);
  });
}

}  // namespace rogerthat::api
