// Webhooks of one server: what each shard needs to make and to send deliveries. Lives here: putting
// it together, and its end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/outbox/hook_bodies.h"
#include "api/outbox/hook_sender.h"
#include "net/resolver.h"

namespace rogerthat::api {

class WebhookService {
 public:
  // Before the loops run. What it gives to the shards lives until they have ended.
  explicit WebhookService(const Services& services);

  // Called on that shard's thread, and answered there: whether a hook may lead to this host.
  void judge_host(std::uint32_t shard, const std::string& host, hub::Done<void> done);

  void drain();       // any thread
  bool idle() const;  // no attempt is under way; any thread

 private:
  struct PerShard {
    PerShard(const Services& services, hub::Shard& shard, net::Loop& loop);
    net::Resolver resolver;
    HookSender sender;
    HookBodies bodies;
  };

  const Services& services_;
  const std::vector<net::IpNetwork> allowed_;
  std::vector<std::unique_ptr<PerShard>> per_shard_;
};

}  // namespace rogerthat::api
