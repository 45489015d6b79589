// The one place where an error becomes an answer. Body and headers of error answers,
// and the sentences that several routes share.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "net/response.h"

namespace rogerthat::api {

std::string error_body(const Error& error);
net::Response error_response(const Error& error);

// What the net room refuses before a route sees it, by its status.
Error refusal(int status, std::string_view reason);

Error unavailable(std::string message, std::int64_t retry_after_seconds);
Error too_busy();  // the queue of slow work is full

}  // namespace rogerthat::api
