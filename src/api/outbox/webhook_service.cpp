#include "api/outbox/webhook_service.h"

#include <algorithm>

#include "api/outbox/hook_url.h"

namespace rogerthat::api {

WebhookService::PerShard::PerShard(const Services& services, hub::Shard& shard, net::Loop& loop)
    : resolver(loop), sender(services, shard, loop), bodies(services.hub, sender) {
  shard.set_hook_source(&bodies);
}

WebhookService::WebhookService(const Services& services)
    : services_(services), allowed_(hook_networks(services.options)) {
  for (std::uint32_t n = 0; n < services.hub.shard_count(); ++n) {
    per_shard_.push_back(
        std::make_unique<PerShard>(services, services.hub.shard(n), *services.loops[n]));
  }
}

void WebhookService::judge_host(std::uint32_t shard, const std::string& host,
                                hub::Done<void> done) {
  per_shard_[shard]->resolver.resolve(
      host, [this, done = std::move(done)](const net::Resolver::Found& found) mutable {
        done(judge_hook_host(found, allowed_));
      });
}

void WebhookService::drain() {
  for (std::size_t n = 0; n < per_shard_.size(); ++n) {
    services_.loops[n]->post([&sender = per_shard_[n]->sender] { sender.drain(); });
  }
}

bool WebhookService::idle() const {
  return std::ranges::all_of(per_shard_, [](const auto& shard) { return shard->sender.idle(); });
}

}  // namespace rogerthat::api
