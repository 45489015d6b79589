// What webhooks need to know of this hub. Values only.
#pragma once

#include <string>
#include <vector>

#include "base/crypto.h"
#include "net/address.h"

namespace rogerthat::outbox {

struct WebhookOptions {
  Digest key{};                          // of the data directory: secrets are derived from it
  std::vector<net::IpNetwork> networks;  // that may be reached beside public addresses
  std::string user_agent;                // "rogerthat/1.2.3"
};

}  // namespace rogerthat::outbox
