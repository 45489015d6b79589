// A message as a hub's streams tell it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.h"

namespace rogerthat::client {

struct IncomingFile {
  std::string mime;
  std::string name;
  std::uint64_t bytes = 0;
};

struct Incoming {
  std::int64_t id = 0;
  std::int64_t reply_to = 0;
  std::string from, to, text;
  std::string priority;  // empty: default
  bool status = false;   // a working signal: never kept
  bool verified = false;
  std::vector<std::string> suggested_replies;
  std::vector<IncomingFile> files;
};

// Nothing where it is no message of a hub.
std::optional<Incoming> read_incoming(std::string_view json);

core::TrustPosture read_posture(std::string_view name);  // the strictest where it is not known

}  // namespace rogerthat::client
