// What webhooks say: the body of each event, as JSON, made once for every hook that
// wants it, and who owns the hooks of a channel or an inbox. One per shard.
#pragma once

#include <string_view>
#include <vector>

#include "hub/hub.h"

namespace rogerthat::outbox {

class HookSender;

class HookBodies final : public hub::HookSource {
 public:
  HookBodies(hub::Hub& hub, HookSender& sender) : hub_(hub), sender_(sender) {}

  void message(const hub::ChannelEntry& home, const core::Message& message, Now now,
               std::vector<core::Delivery>& deliveries) override;
  void session(const hub::ChannelEntry& home, std::string_view callsign, bool joined, Now now,
               std::vector<core::Delivery>& deliveries) override;
  void waiting() override;

 private:
  struct Wanting {
    std::string hook;
    bool content = true;
  };
  std::vector<Wanting> hooks_of(std::string_view owner, core::HookEvent event) const;

  hub::Hub& hub_;
  HookSender& sender_;
};

}  // namespace rogerthat::outbox
