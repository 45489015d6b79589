// The admin token of a request, compared, and the limit on guessing it.
#pragma once

#include <string_view>

#include "api/access/auth.h"
#include "base/crypto.h"

namespace rogerthat::api {

// Guesses at this token count for themselves: whoever shares the operator's address (a proxy, a
// NAT) must not lock the operator out with wrong join tokens.
Result<void> require_admin_token(const Asker& asker, std::string_view token, const Digest& hash);

}  // namespace rogerthat::api
