// Channels as MCP resources: rogerthat://channel/<id>/inbox, /roster and /history, to be read and
// watched. Their URIs, what a read shows and who is told of what. Reading and watching
// consume nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/tools/context.h"
#include "hub/observer.h"

namespace rogerthat::api {

struct ResourceName {
  std::string channel_id;
  hub::Observed what = hub::Observed::inbox;
  std::string session;  // of ?session=; empty: that of the MCP session
};
std::optional<ResourceName> parse_resource(std::string_view uri);

std::string_view resource_templates_json();

void read_channel_resource(const Services& services, const mcp::Request& request, mcp::Reply reply);

// Null: nothing of that URI can be watched by this caller.
std::unique_ptr<mcp::Watch> watch_channel_resource(const Services& services,
                                                   const mcp::Request& request,
                                                   std::string_view uri,
                                                   std::shared_ptr<mcp::WatchSink> sink);

}  // namespace rogerthat::api
