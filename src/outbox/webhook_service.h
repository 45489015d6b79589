// Webhooks of one server: what each shard needs to make and to send deliveries. Putting it
// together, and its end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "outbox/hook_bodies.h"
#include "outbox/hook_sender.h"
#include "outbox/host_judge.h"

namespace rogerthat::outbox {

class WebhookService {
 public:
  // Before the loops run. What it gives to the shards lives until they have ended.
  WebhookService(WebhookOptions options, hub::Hub& hub, std::vector<net::Loop*> loops);

  // Called on that shard's thread, and answered there: whether a hook may lead to this host.
  // `at_home`: it is made by a caller at this machine.
  void judge_host(std::uint32_t shard, const std::string& host, bool at_home, hub::Done<void> done);

  void drain();       // any thread
  bool idle() const;  // no attempt is under way; any thread

 private:
  struct PerShard {
    PerShard(const WebhookOptions& options, hub::Hub& hub, hub::Shard& shard, net::Loop& loop);
    HostJudge judge;
    HookSender sender;
    HookBodies bodies;
  };

  const WebhookOptions options_;
  const std::vector<net::Loop*> loops_;
  std::vector<std::unique_ptr<PerShard>> per_shard_;
};

}  // namespace rogerthat::outbox
