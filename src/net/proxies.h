// Who is really asking. The reading of forwarding headers, which count only when the
// peer is a proxy that the operator trusts.
#pragma once

#include <string>
#include <vector>

#include "net/request.h"

namespace rogerthat::net {

class ProxyRules {
 public:
  ProxyRules(std::vector<IpNetwork> trusted, std::string client_address_header);

  bool trusts(const IpAddress& peer) const;
  // Fills client, secure, host and forwarded. `peer_trusted` is trusts(request.peer), which a
  // connection asks once. `forwarded` has been set for the common headers by the parser.
  void apply(Request& request, bool peer_trusted) const;

 private:
  const std::vector<IpNetwork> trusted_;
  const std::string client_address_header_;
};

// One entry of X-Forwarded-For: an address, perhaps with a port ("[::1]:80", "1.2.3.4:80").
std::optional<IpAddress> parse_forwarded_address(std::string_view entry);

}  // namespace rogerthat::net
