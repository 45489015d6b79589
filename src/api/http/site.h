// What the pages, documents and snippets need to know of this server. Values only: filled by the
// command line once, and by the request with the origin that the caller used.
#pragma once

#include <string>
#include <vector>

#include "core/presets.h"
#include "hub/limiter.h"

namespace rogerthat::api {

struct Site {
  std::string version;
  std::string public_origin;     // --origin; empty: the request's Host decides
  std::string client_command;    // --client-command, e.g. "npx rogerthat"; empty: not offered
  std::string operator_contact;  // for reports of abuse; empty: none
  bool hub_token_needed = false;
  bool loopback_only = true;  // bound to loopback
  // ... and without any name that others reach it by: what stands in front of it is nothing.
  bool this_machine_only = true;
  hub::RateLimits limits;
  std::string homepage;  // empty: none is named
};

// A site as one caller sees it.
struct View {
  const Site& site;
  std::string origin;  // "https://hub.example", no slash at the end; with a preset host or prefix
  core::Edition edition;
};

}  // namespace rogerthat::api
