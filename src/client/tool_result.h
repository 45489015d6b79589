// The results of tools, as a hub gives them: what is read in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace rogerthat::client {

bool is_error(const JsonValue& result);
std::string first_text(const JsonValue& result);  // of its content
// The highest id of the messages in the answer of a receive; 0: there is none.
std::int64_t highest_message(const std::optional<JsonValue>& structured);

std::vector<std::int64_t> message_ids(const std::optional<JsonValue>& structured);

}  // namespace rogerthat::client
