// Under which names this server may be spoken to, and from which pages. Keeps web pages of others
// out, also those that point a name of theirs at this address (DNS rebinding). Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/presets.h"

namespace rogerthat::api {

struct HostRules {
  std::string public_host;                 // of --origin, without port; empty: not set
  std::vector<std::string> allowed_hosts;  // --allowed-host
  bool loopback_only = true;               // bound to loopback: no other IP literals
};

HostRules host_rules(std::string_view public_origin, std::vector<std::string> allowed_hosts,
                     bool loopback_only);

struct HostVerdict {
  bool allowed = false;
  core::Edition edition;  // named by a preset or harness in front of the host
};

// `host`: the value of a Host header, with or without a port.
HostVerdict check_host(const HostRules& rules, std::string_view host);

// Does a Host header or an origin name this machine itself, by name or by address?
bool names_loopback(std::string_view host_or_origin);

// Whether these names are all of this machine. One that is not says that others come by it, through
// a proxy or a tunnel whose connections all look as if they came from here.
bool only_this_machine(std::string_view public_origin, std::span<const std::string> allowed_hosts);

// Does `origin` (an Origin header) name the server that was spoken to as `host`, or its --origin?
bool is_same_origin(std::string_view origin, std::string_view host, std::string_view public_origin);

}  // namespace rogerthat::api
