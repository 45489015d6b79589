// The results of tools as they pass through the bridge, and what it changes in them. Text in, text
// out.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace rogerthat::bridge {

// `structured`: a JSON object, or empty.
std::string text_result(std::string_view text, std::string_view structured, bool error);
// The hub's result as the client gets it, with `notice` in front, and without what belongs to the
// newer revision alone.
std::string passed_result(const JsonValue& result, std::string_view notice);
// The hub tells clients to keep their handles; this one does it for them.
std::string with_handles_kept(std::string text);

}  // namespace rogerthat::bridge
