// Which hub is meant, and what every request to it carries.
#pragma once

#include <string>

namespace rogerthat::client {

struct HubAccess {
  std::string origin = "http://127.0.0.1:7424";
  std::string hub_token;  // where the hub asks for one
};

}  // namespace rogerthat::client
