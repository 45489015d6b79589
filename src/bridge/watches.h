// The resources that the client has subscribed to, and who is told when something happens on a
// channel. The streams of the channels are what is watched, so a subscription asks nothing of the
// hub.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/joined_channel.h"
#include "mcp/application.h"

namespace rogerthat::bridge {

class Watches : public std::enable_shared_from_this<Watches> {
 public:
  // Null: no resource of a channel. One that is not joined (yet) may be watched.
  std::unique_ptr<mcp::Watch> add(std::string_view uri, std::shared_ptr<mcp::WatchSink> sink);
  void tell(std::string_view channel, Happened what) const;

 private:
  class Entry;
  std::vector<Entry*> entries_;
};

}  // namespace rogerthat::bridge
