// Carries webhook deliveries to their receivers: the requests of one shard, on its own loop, a
// bounded number at a time; what became of each goes back to the shard's queue. When a delivery is
// due, and what follows from an answer, is decided there.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "hub/hub.h"
#include "net/http_client.h"
#include "net/timers.h"
#include "outbox/options.h"

namespace rogerthat::outbox {

class HookSender {
 public:
  static constexpr Millis kDrainTime = kSecond;  // for attempts that are under way then

  HookSender(const WebhookOptions& options, hub::Hub& hub, hub::Shard& shard, net::Loop& loop);
  ~HookSender();
  HookSender(const HookSender&) = delete;
  HookSender& operator=(const HookSender&) = delete;

  // Something may be due. Often called; cheap.
  void look_soon();
  // No attempt begins any more. What is cut off was no attempt: it is made again after the restart.
  void drain();
  bool idle() const { return under_way_ == 0; }  // any thread

 private:
  class Attempt;

  void look();
  void begin(const core::Delivery& delivery);
  net::ClientRequest request_for(const core::Delivery& delivery, const core::WebhookRecord& hook);
  void settle(const std::string& delivery, const std::string& hook, hub::AttemptResult result);
  void finish(Attempt& attempt);
  void give_up_all();

  const WebhookOptions& options_;
  hub::Hub& hub_;
  hub::Shard& shard_;
  net::Loop& loop_;
  net::Timers timers_;
  net::Timers::Id timer_{};
  net::HttpClient client_;
  std::unordered_map<net::HttpClient::Id, Attempt*> attempts_;
  std::atomic<std::size_t> under_way_{0};  // attempts_.size()
  bool looking_soon_ = false;
  bool draining_ = false;
};

}  // namespace rogerthat::outbox
