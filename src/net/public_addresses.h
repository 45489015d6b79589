// Which addresses are out on the internet. The ranges that are not, so that a request
// which a stranger asks us to make never reaches this machine, its network or its cloud.
#pragma once

#include <span>

#include "net/address.h"

namespace rogerthat::net {

// False for everything that is special in any way, and for addresses which carry another inside
// (translated, tunnelled): what they lead to is not for us to find out.
bool is_public(const IpAddress& address);

// ... or lies in one of the networks that the operator allows.
bool may_be_reached(const IpAddress& address, std::span<const IpNetwork> allowed);

}  // namespace rogerthat::net
