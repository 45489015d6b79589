// A message on its way into a client's context. Lives here: what the hub's streams say of a
// message, and how it is shown as a notification of claude/channel: by the same rules as in a
// tool's answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "core/types.h"

namespace rogerthat::cli {

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

// The params of notifications/claude/channel. `callsign`: who reads.
std::string push_params(const Incoming& message, std::string_view channel,
                        std::string_view callsign, core::TrustPosture posture);

// The same for many messages that are not pushed one by one.
std::string flood_params(std::size_t count, std::string_view channel);

// The hub's operator has ended the session.
std::string dismissal_params(std::string_view why, std::string_view channel);

core::TrustPosture read_posture(std::string_view name);  // the strictest where it is not known

}  // namespace rogerthat::cli
