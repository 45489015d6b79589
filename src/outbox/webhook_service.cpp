#include "outbox/webhook_service.h"

#include <algorithm>
#include <utility>

namespace rogerthat::outbox {

WebhookService::PerShard::PerShard(const WebhookOptions& options, hub::Hub& hub, hub::Shard& shard,
                                   net::Loop& loop)
    : judge(loop), sender(options, hub, shard, loop), bodies(hub, sender) {
  shard.set_hook_source(&bodies);
}

WebhookService::WebhookService(WebhookOptions options, hub::Hub& hub, std::vector<net::Loop*> loops)
    : options_(std::move(options)), loops_(std::move(loops)) {
  for (std::uint32_t n = 0; n < hub.shard_count(); ++n) {
    per_shard_.push_back(std::make_unique<PerShard>(options_, hub, hub.shard(n), *loops_[n]));
  }
}

void WebhookService::judge_host(std::uint32_t shard, const std::string& host, bool at_home,
                                hub::Done<void> done) {
  per_shard_[shard]->judge.judge(host, options_.networks_for(at_home), std::move(done));
}

void WebhookService::drain() {
  for (std::size_t n = 0; n < per_shard_.size(); ++n) {
    loops_[n]->post([&here = *per_shard_[n]] {
      here.judge.drain();
      here.sender.drain();
    });
  }
}

bool WebhookService::idle() const {
  return std::ranges::all_of(per_shard_, [](const auto& shard) { return shard->sender.idle(); });
}

}  // namespace rogerthat::outbox
