// How results look in each era. What the protocol adds to the fields that an
// application gives: resultType, ttlMs, cacheScope, _meta. Text in, text out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/application.h"
#include "mcp/running_call.h"

namespace rogerthat::mcp {

// Appends the whole message. `fields` is a JSON object.
void append_call_result(std::string& out, const RunningCall& call, std::string_view fields,
                        Caching caching);
// The modern way to ask: resultType input_required.
void append_input_required(std::string& out, const RunningCall& call,
                           const std::vector<InputRequest>& inputs, std::string_view sealed_state);
// {"name":..., "version":...} and what else the revision knows of a server.
void append_server_info(std::string& out, const ServerInfo& info, std::string_view revision);

// Where the value of a field begins that stands at the top of this object.
std::optional<std::size_t> find_top_field(std::string_view object_json, std::string_view name);

}  // namespace rogerthat::mcp
