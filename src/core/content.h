// What a message may contain: the checks of a send's content, each with the sentence that names the
// field, the bound and the remedy. No state.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "core/command.h"

namespace rogerthat::core {

// Checks text, replies and attachments, and tidies them as the contract says (replies and file
// names are trimmed, empty replies dropped, a status carries none).
Result<void> check_content(SendCommand& command);

Result<void> check_intro(std::string_view intro);
Result<void> check_client_id(std::string_view client_id);

}  // namespace rogerthat::core
