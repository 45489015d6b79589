// Errors as values: the one table of codes that every reply to a client comes from.
// The codes, their wire names and HTTP statuses, Error and Result. No wording of
// replies.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace rogerthat {

enum class ErrorCode : std::uint8_t {
  invalid,
  too_large,  // `invalid` on the wire, with 413: old clients look for that code
  not_joined,
  unauthorized,  // no or a wrong credential
  forbidden,  // the credential is fine, this is not allowed; `unauthorized` on the wire, with 403
  not_found,
  method_not_allowed,
  callsign_taken,
  conflict,
  session_expired,
  rate_limited,
  unavailable,
  internal,
};

struct ErrorRow {
  ErrorCode code;
  std::string_view wire_name;
  int http_status;
  std::string_view meaning;
};

const ErrorRow& describe(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;                   // one sentence for the caller: what is wrong, which field
  std::string hint = {};                 // the next step, where there is one
  std::int64_t retry_after_seconds = 0;  // for rate_limited and unavailable
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(hint), 0});
}

}  // namespace rogerthat
