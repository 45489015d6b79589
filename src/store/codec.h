// Journal rows: events as bytes and back. A compact versioned encoding. Session ids are
// sealed under the key of the data directory, so that the disk alone gives none away.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/error.h"
#include "core/event.h"

namespace rogerthat::store {

class EventCodec {
 public:
  explicit EventCodec(Digest key) : key_(key) {}
  std::string encode(const core::Event& event, core::ChannelNo channel) const;
  std::string encode(const core::Posted& posted, core::ChannelNo channel) const;  // no variant made
  Result<core::Event> decode(std::string_view data, core::ChannelNo channel) const;

 private:
  Digest key_;
};

}  // namespace rogerthat::store
