#include "api/http/errors.h"

#include "base/json.h"

namespace rogerthat::api {

std::string error_body(const Error& error) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.field("error", error.message);
  json.field("code", describe(error.code).wire_name);
  if (!error.hint.empty()) json.field("hint", error.hint);
  if (error.retry_after_seconds > 0) json.field("retry_after_seconds", error.retry_after_seconds);
  json.end_object();
  return body;
}

net::Response error_response(const Error& error) {
  net::Response response;
  response.status = describe(error.code).http_status;
  response.body = error_body(error);
  if (error.code == ErrorCode::unauthorized) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  }
  if (error.retry_after_seconds > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(error.retry_after_seconds));
  }
  return response;
}

Error refusal(int status, std::string_view reason) {
  Error error{ErrorCode::invalid, std::string(reason)};
  switch (status) {
    case 413:
      error.code = ErrorCode::too_large;
      break;
    case 429:
      error.code = ErrorCode::rate_limited;
      break;
    case 500:
      error.code = ErrorCode::internal;
      break;
    case 503:
      error.code = ErrorCode::unavailable;
      break;
    default:
      break;
  }
  return error;
}

Error unavailable(std::string message, std::int64_t retry_after_seconds) {
  Error error{ErrorCode::unavailable, std::move(message)};
  error.retry_after_seconds = retry_after_seconds;
  return error;
}

Error too_busy() {
  return unavailable("The server has too much to do just now.", 1);
}

}  // namespace rogerthat::api
