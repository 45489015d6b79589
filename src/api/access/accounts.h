// Which account calls, by the session token that it was given.
#pragma once

#include <string>
#include <string_view>

#include "api/access/auth.h"

namespace rogerthat::api {

// The account of a session token; its use is noted. An unknown one is a wrong secret.
Result<std::string> account_of_token(const Asker& asker, std::string_view token);
Error unknown_session();

// ... of the one that this call carries.
Result<std::string> account_of(const Call& call);

// Creation: the hub token where one is set, and no account session that we don't know.
// Gives the account that is to own what is created; empty: none.
Result<std::string> authorise_creation(const Call& call);

}  // namespace rogerthat::api
