// What the bridge runs with, once its options have been read. Plain values, with no knowledge of
// where they came from.
#pragma once

#include <string>

#include "client/hub_access.h"

namespace rogerthat::bridge {

struct Settings {
  client::HubAccess hub;
  std::string channel;   // to be joined at start; empty: none
  std::string token;     // of that channel
  std::string callsign;  // for joins that name none
  std::string ca_file;
  std::string directory;  // ~/.rogerthat; empty: there is no home
};

}  // namespace rogerthat::bridge
