// The results of tools as they pass through the bridge. Lives here: what it reads in them, and what
// it changes. Text in, text out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace rogerthat::cli {

bool is_error(const JsonValue& result);
std::string first_text(const JsonValue& result);  // of its content
// The highest id of the messages in the answer of a receive; 0: there is none.
std::int64_t highest_message(const std::optional<JsonValue>& structured);

// `structured`: a JSON object, or empty.
std::string text_result(std::string_view text, std::string_view structured, bool error);
// The hub's result as the client gets it, with `notice` in front, and without what belongs to the
// newer revision alone.
std::string passed_result(const JsonValue& result, std::string_view notice);
// The hub tells clients to keep their handles; this one does it for them.
std::string with_handles_kept(std::string text);

}  // namespace rogerthat::cli
