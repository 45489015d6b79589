// What webhooks need to know of this hub. Values only.
#pragma once

#include <string>
#include <vector>

#include "base/crypto.h"
#include "net/address.h"

namespace rogerthat::outbox {

struct WebhookOptions {
  Digest key{};  // of the data directory: secrets are derived from it
  // What may be reached beside public addresses, by the webhooks of everybody, and by those that
  // were made at this machine.
  std::vector<net::IpNetwork> networks, networks_at_home;
  std::string user_agent;  // "rogerthat/1.2.3"

  const std::vector<net::IpNetwork>& networks_for(bool made_at_home) const {
    return made_at_home ? networks_at_home : networks;
  }
};

}  // namespace rogerthat::outbox
