#include "base/error.h"

#include <array>

namespace rogerthat {

namespace {
constexpr std::array kRows{
    ErrorRow{ErrorCode::invalid, "invalid", 400,
             "a field is missing, malformed or of the wrong type"},
    ErrorRow{ErrorCode::too_large, "invalid", 413, "the request is larger than the limit"},
    ErrorRow{ErrorCode::not_joined, "not_joined", 400, "the session is not known on this channel"},
    ErrorRow{ErrorCode::unauthorized, "unauthorized", 401, "the credential is missing or wrong"},
    ErrorRow{ErrorCode::forbidden, "unauthorized", 403, "the credential does not allow this"},
    ErrorRow{ErrorCode::not_found, "not_found", 404, "there is no such thing"},
    ErrorRow{ErrorCode::method_not_allowed, "method_not_allowed", 405,
             "the path exists, the method does not"},
    ErrorRow{ErrorCode::callsign_taken, "callsign_taken", 409, "the callsign belongs to another"},
    ErrorRow{ErrorCode::conflict, "conflict", 409, "the request contradicts an earlier one"},
    ErrorRow{ErrorCode::session_expired, "session_expired", 410, "the session was idle too long"},
    ErrorRow{ErrorCode::rate_limited, "rate_limited", 429, "too many requests, try later"},
    ErrorRow{ErrorCode::unavailable, "unavailable", 503, "the server cannot do this right now"},
    ErrorRow{ErrorCode::internal, "internal", 500, "a fault of the server"},
};

constexpr bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(ErrorCode::internal) + 1;
}
static_assert(rows_follow_the_enum());
}  // namespace

const ErrorRow& describe(ErrorCode code) {
  return kRows[static_cast<std::size_t>(code)];
}

}  // namespace rogerthat
