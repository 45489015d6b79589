// The state that a modern client carries from one round of a request to the next.
// Sealing it, so that a client can neither read nor change it nor use it for another request. The
// key is the process's own: a state does not survive a restart, and the request starts anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rogerthat::mcp {

std::string seal_state(std::string_view bound_to, std::string_view state);
std::optional<std::string> open_state(std::string_view bound_to, std::string_view sealed);
// What a state is bound to.
std::string state_binding(std::string_view method, std::string_view name);

}  // namespace rogerthat::mcp
